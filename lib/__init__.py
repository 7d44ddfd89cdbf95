"""Value-induced survey simulation, in rooms: a room imports only from those below it (`tests/test_rooms.py`)."""
