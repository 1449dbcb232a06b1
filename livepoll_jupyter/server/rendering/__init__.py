"""From Markdown to HTML that is safe on a stranger's phone, in a process of its own.

``process`` is what the server uses: it starts the process, hands it texts and kills it at a time limit, because a
regular expression that never ends holds Python's lock, and votes would wait. ``worker`` is the process itself. In it
``prose`` renders Markdown, ``code`` highlights, ``formulas`` makes MathML of LaTeX, ``mathml`` cleans that, ``linear``
writes it as one line of plain text, ``plain`` does so with the whole text, and ``surprises`` says what an author may
not have meant.
"""
