"""The reconnecting client that kernels, student notebooks, rehearsals and tests all use.

It speaks the wire of ``core.messages`` and knows nothing of notebooks, widgets or the server's inside.
Everything here runs on an asyncio loop; ``background`` lends one to callers that have none.
"""

from .address import Address
from .connection import Connection, Status
from .errors import Unreachable
from .instructor import Instructor
from .rest import Api
from .session import Session
from .student import Student

__all__ = ["Address", "Api", "Connection", "Instructor", "Session", "Status", "Student", "Unreachable"]
