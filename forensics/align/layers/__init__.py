"""What a sender or a receiver puts around the chunks, taken off before the decoder tells what happened to them.

A layer is proposed by samples of the two files, undone over all of RECEIVED however many chunks are lost, and knows where
every byte came from. Layers compete as chunk plans do: by what all of it costs together.
"""
