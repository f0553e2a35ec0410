"""Values in files: read where they are one array of numbers, refused in words where not; nothing in them is run."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symdiff.errors import InputError
from symdiff.language import LIMITS
from symdiff.tracing.files import LARGEST_FILE
from symdiff.tracing.values import parse_at

A = np.array([[1.0, 2.5], [-3.0, 4.0]])


def read(path: Path) -> np.ndarray[Any, Any]:
    return parse_at(f"x=@{path}")[1]


def test_npy(tmp_path: Path) -> None:
    for dtype in (np.float64, np.float32, np.int32, ">f8", np.bool_):
        np.save(tmp_path / "a.npy", A.astype(dtype))
        got = read(tmp_path / "a.npy")
        np.testing.assert_array_equal(got, A.astype(dtype))
        assert got.dtype == np.dtype(dtype).newbyteorder("=")
    np.save(tmp_path / "f.npy", np.asfortranarray(A))
    np.testing.assert_array_equal(read(tmp_path / "f.npy"), A)


def test_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", weights=A)
    np.testing.assert_array_equal(read(tmp_path / "one.npz"), A)
    np.savez_compressed(tmp_path / "two.npz", x=A, y=A + 1)
    np.testing.assert_array_equal(read(tmp_path / "two.npz"), A)
    np.savez(tmp_path / "none.npz", u=A, v=A)
    with pytest.raises(InputError, match="holds u, v; one of them must be called x"):
        read(tmp_path / "none.npz")


@pytest.mark.parametrize(
    ("text", "array"),
    [
        ("1,2.5\n-3,4\n", A),
        ("1,2.5\r\n-3,4\r\n", A),
        ("\ufeff1, 2.5\n\n-3, 4", A),
        ("height,weight\n1,2.5\n-3,4\n", A),
        ("1\n2\n3\n", [1.0, 2.0, 3.0]),
        ("1,2,3\n", [1.0, 2.0, 3.0]),
        ("nan,inf\n", [np.nan, np.inf]),
    ],
)
def test_csv(tmp_path: Path, text: str, array: Any) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode())
    np.testing.assert_array_equal(read(tmp_path / "a.csv"), array)


@pytest.mark.parametrize(
    ("data", "array"),
    [
        ([[1, 2.5], [-3, 4]], A),
        ({"x": [1, 2], "y": 3}, [1, 2]),
        (0.1, 0.1),
        (["nan", "inf", "-inf", 1], [np.nan, np.inf, -np.inf, 1]),
    ],
)
def test_json(tmp_path: Path, data: Any, array: Any) -> None:
    (tmp_path / "a.json").write_text(json.dumps(data))
    np.testing.assert_array_equal(read(tmp_path / "a.json"), array)


class Trap:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([Trap(tmp_path / "made")], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "a.npz", x=np.array([Trap(tmp_path / "made")], dtype=object))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(InputError, match="Python objects"):
            read(tmp_path / name)
    assert not (tmp_path / "made").exists()


def test_the_size_is_looked_at_before_the_file_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.npy").open("wb") as file:
        file.truncate(5_000_000_000)  # sparse: takes no room on disk
    with pytest.raises(InputError, match=f"5000000000 bytes.*{LARGEST_FILE}"):
        read(tmp_path / "a.npy")


def test_a_header_that_promises_too_much(tmp_path: Path) -> None:
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)}
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(InputError, match="more than the file holds"):
        read(tmp_path / "a.npy")


def test_an_archive_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symdiff.tracing.files.LARGEST_FILE", 1000)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(1000))
    with pytest.raises(InputError, match="unpacks to"):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.npy", b"", "not a .npy"),
        ("a.npy", b"hello", "not a .npy"),
        ("a.npy", b"\x93NUMPY\x01\x00\x76\x00{'descr': __import__('os')}", "not a .npy"),
        ("a.npy", b"\x93NUMPY\x01\x00\x10\x27" + b"(" * 10_000, "not a .npy"),
        ("a.npy", b"\x93NUMPY\x01\x00\x00\x01" + b"[" * 256, "not a .npy"),
        ("a.npy", b"\x93NUMPY\x02\x00\x10\x00\x00\x00{'descr': '<f8' ", "not a .npy"),
        ("a.npz", b"hello", "not a .npz"),
        ("a.csv", b"1;2;3\n4;5;6\n", "which separator"),
        ("a.csv", b"a;b\n1;2\n", "which separator"),
        ("a.csv", b"1\t2\n", "not tabs"),
        ("a.csv", b"1 2\n", "not spaces"),
        ("a.csv", b"1,5;2,5\n", "which separator.*decimal point"),
        ("a.csv", b"1,1e400\n", "1e400 is larger than float64 holds"),
        ("a.json", b"[1, 1e400]", "1e400 is larger than float64 holds"),
        ("a.json", b"[1, " + b"9" * 400 + b"]", "larger than float64 holds"),
        ("a.json", b"[1, " + b"9" * 5000 + b"]", "larger than float64 holds"),
        ("a.csv", b"1,2\n3\n", "1 and 2 numbers"),
        ("a.csv", b"1,2\n3,<b>\n", "line 2, cell 2 is '<b>'"),
        ("a.csv", b"a,b\nc,d\n", "no elements"),
        ("a.csv", b"\xff\xfe\x00", "not a .csv"),
        ("a.csv", b"", "no elements"),
        ("a.json", b"{", "not a .json"),
        ("a.json", b"[" * 100_000, "not a .json"),
        ("a.json", b"[[1,2],[3]]", "row 0 has length 2"),
        ("a.json", b'{"y": 1}', "must be called x"),
        ("a.json", b"[null]", "None"),
        ("a.json", b"[true]", "True"),
        ("a.json", b'["a"]', "'a'"),
        ("a.json", b"\xff", "not a .json"),
        ("a.pkl", b"", "suffix .pkl"),
        ("a", b"", "suffix"),
    ],
)
def test_files_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_an_array_beyond_the_limit_is_not_unpacked(tmp_path: Path) -> None:
    header = io.BytesIO()
    elements = LIMITS.elements + 1
    np.lib.format.write_array_header_1_0(header, {"descr": "|i1", "fortran_order": False, "shape": (elements,)})
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.npy", "w") as file:
        file.write(header.getvalue())
        for _ in range(11):
            file.write(bytes(10_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=rf"{elements} elements .*the limit is {LIMITS.elements}"):
            read(tmp_path / "a.npz")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_words_for_what_is_not_finite_and_a_mark_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf[Infinity, -Infinity, "inf", 12345678901234567890]')
    np.testing.assert_array_equal(read(tmp_path / "a.json"), [np.inf, -np.inf, np.inf, 12345678901234567890.0])
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbfinf,1\n")
    np.testing.assert_array_equal(read(tmp_path / "a.csv"), [np.inf, 1.0])


@pytest.mark.parametrize("name", ["n" * 300 + ".npy", "a\0.npy"])
def test_names_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"x=@"):
        read(tmp_path / name)


def test_damaged_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", b"hello")
    with pytest.raises(InputError, match=r"not a \.npz"):
        read(tmp_path / "a.npz")


def test_missing_files_folders_and_pipes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.npy")
    (tmp_path / "folder.npy").mkdir()
    with pytest.raises(InputError, match="is not a file"):
        read(tmp_path / "folder.npy")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="is not a file"):
        read(tmp_path / "pipe.csv")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "a.npy", A)

    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # whoever runs the tests may be allowed to read everything
    with pytest.raises(InputError, match="no permission"):
        read(tmp_path / "a.npy")
