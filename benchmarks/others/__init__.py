"""The servers that ours is compared with, each as small as it can fairly be. They know nothing of our package.

Every one is a program that prints its port as its first line, and does the same work: ``GET /publish`` sends an event
of 1 KB to all sockets, a vote is judged, counted once for each participant in memory and acked, results follow in a
bundle every two seconds, ``GET /lock`` stops the votes.
"""
