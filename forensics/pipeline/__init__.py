"""read -> parse -> verify -> align -> judge -> report: the only place that knows all the stages. One file a job."""
