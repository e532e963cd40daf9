"""read -> parse -> verify -> align -> classify -> report: the only place that knows all the stages. One file a job."""
