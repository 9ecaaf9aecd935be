"""Files of a spool with any bytes: no request comes out that was not put in, and none that is whole is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, strategies as st
from logly._export.segment import Request, Segment, length_of

REQUESTS = st.lists(st.builds(Request, st.binary(max_size=60), st.integers(0, 2**32 - 1), st.booleans()), max_size=5)


def opened(path) -> Segment:
    segment = Segment(str(path))
    segment.open()
    return segment


def read_all(path) -> tuple[list[Request], int]:
    """Return the requests that are left in a file, and how often it could not be read."""
    segment = opened(path)
    found = []
    while (request := segment.first()) is not None:
        found.append(request)
        segment.finish_first()
    segment.close()
    return found, segment.torn


def written(folder, requests) -> Path:
    path = Path(folder, "1.spool")
    segment = opened(path)
    for request in requests:
        segment.append(request)
    segment.close()
    return path


@given(REQUESTS, st.integers(0, 5))
def test_requests_come_out_once_and_in_order(requests, sent):
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, requests)
        segment = opened(path)
        for _ in range(min(sent, len(requests))):
            segment.first()
            segment.finish_first()
        segment.close()

        assert read_all(path) == (requests[sent:], 0)
        assert read_all(path) == ([], 0)


@given(REQUESTS, st.integers(0, 400))
def test_file_that_was_cut_off_gives_its_whole_requests(requests, length):
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, requests)
        size = path.stat().st_size
        path.write_bytes(path.read_bytes()[:length])
        ends = [sum(map(length_of, requests[: index + 1])) for index in range(len(requests))]
        whole = [request for request, end in zip(requests, ends) if end <= length]

        found, torn = read_all(path)

        assert found == whole
        assert torn == (length < size and length not in {0, *ends})


@given(REQUESTS, st.data())
def test_changed_byte_gives_no_other_request(requests, data):
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, requests)
        content = bytearray(path.read_bytes())
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)

        found, _torn = read_all(path)

        assert [request for request in found if request not in requests] == []


@given(st.binary(max_size=300))
def test_any_bytes_are_read_to_their_end(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "1.spool")
        path.write_bytes(content)

        found, _torn = read_all(path)

        assert len(found) <= len(content) // length_of(Request(b"", 0, is_compressed=False))
        assert read_all(path)[0] == []
