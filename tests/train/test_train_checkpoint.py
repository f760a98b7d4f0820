import errno
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from symgrad.errors import DataError
from symgrad.train import (
    Checkpoint,
    fit,
    fit_scaling,
    fit_scalings,
    initial_state,
    load_checkpoint,
    save_checkpoint,
)


@pytest.fixture
def checkpoint(kernel, line):
    state = initial_state(kernel, line)
    fit(kernel, line, state, epochs=2)
    return Checkpoint(
        kernel.NETWORK, kernel.OPTIMIZER, state, kernel.OPTIONS, fit_scalings(line), ("größe", "b")
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.npz"


def same(one, other):
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype
        assert np.array_equal(array, other[name])


def alter(path, **changes):
    """Replace members; None leaves one out, two underscores stand for a dot."""
    with np.load(path) as archive:
        members = dict(archive)
    for name, value in changes.items():
        members[name.replace("__", ".")] = value
    np.savez(path, **{name: value for name, value in members.items() if value is not None})


def test_round_trip(checkpoint, kernel, path):
    save_checkpoint(path, checkpoint)
    loaded = load_checkpoint(path, kernel, resume=True)
    same(loaded.state.parameters, checkpoint.state.parameters)
    same(loaded.state.states, checkpoint.state.states)
    assert loaded.state.random_state == checkpoint.state.random_state
    assert loaded.options == checkpoint.options
    assert loaded.columns == ("größe", "b")
    assert loaded.scalings["x"].kind == "standard"
    for key in ("shift", "scale"):
        assert np.array_equal(getattr(loaded.scalings["x"], key), getattr(checkpoint.scalings["x"], key))


def test_same_contents_same_bytes(checkpoint, path):
    save_checkpoint(path, checkpoint)
    first = path.read_bytes()
    save_checkpoint(str(path), checkpoint)
    assert path.read_bytes() == first
    assert [p.name for p in path.parent.iterdir()] == ["net.npz"]


def test_mode_follows_the_umask(checkpoint, path):
    save_checkpoint(path, checkpoint)
    plain = path.with_name("plain")
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


def test_scalars_and_float32(checkpoint, kernel, variant, path):
    scalar = variant(kernel, PARAMETERS={"w": ()}, STATES={})
    state = type(checkpoint.state)({"w": np.array(2, np.float32)}, {}, checkpoint.state.random_state)
    none = fit_scaling(np.ones((1, 1)), "none")
    save_checkpoint(path, Checkpoint(kernel.NETWORK, "sgd", state, {}, {"x": none}))
    loaded = load_checkpoint(path, scalar)
    same(loaded.state.parameters, state.parameters)
    assert loaded.state.parameters["w"].shape == ()
    assert loaded.columns == ()


def test_another_network_or_optimizer(checkpoint, kernel, variant, path):
    save_checkpoint(path, checkpoint)
    with pytest.raises(DataError, match=r"net\.npz was made for another network: train this one"):
        load_checkpoint(path, variant(kernel, NETWORK="c" * 64))
    adam = variant(kernel, OPTIMIZER="adam")
    load_checkpoint(path, adam)
    with pytest.raises(DataError, match="trained with momentum, not adam"):
        load_checkpoint(path, adam, resume=True)
    with pytest.raises(DataError, match=r"mW has the shape \(1, 2\), but the network wants \(3,\)"):
        load_checkpoint(path, variant(kernel, STATES={"mW": (3,), "mb": (1,)}), resume=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": None}, "damaged: look at its entry 'network'"),
        ({"network": np.array(1)}, "'network'"),
        ({"format": None}, "'format'"),
        ({"format": np.array(1)}, "another version of symgrad"),
        ({"format": np.array("1")}, "'format'"),
        ({"columns": None}, "'columns'"),
        ({"random_state": np.array([1])}, "'random_state'"),
        ({"scaling__x": np.array("odd")}, "'scale.x'"),
        ({"scale__x": np.array([1.0, 0.0])}, "'scale.x'"),
        ({"shift__x": np.array([np.nan, 0.0])}, "'shift.x'"),
        ({"option__momentum": np.array(np.inf)}, "'option.momentum'"),
        ({"parameter__b": None}, "missing b; not wanted none"),
        ({"parameter__c": np.zeros(1)}, "missing none; not wanted c"),
        ({"parameter__b": np.zeros(2)}, r"net.npz: b has the shape \(2,\), but the network wants \(1,\)"),
        ({"parameter__b": np.zeros(1, np.float32)}, "mixes float32 and float64"),
        ({"parameter__b": np.zeros(1, np.int64)}, "entry 'b'"),
        ({"parameter__b": np.array([np.nan])}, "entry 'b'"),
        ({"parameter__b": np.array([{}], object)}, "something other than plain arrays"),
    ],
)
def test_altered_members(checkpoint, kernel, path, changes, message):
    save_checkpoint(path, checkpoint)
    alter(path, **changes)
    with pytest.raises(DataError, match=message) as caught:
        load_checkpoint(path, kernel)
    assert "\n" not in str(caught.value)


def test_fortran_order_is_mended(checkpoint, kernel, variant, path):
    save_checkpoint(path, checkpoint)
    alter(path, parameter__W=np.asfortranarray(np.arange(6.0).reshape(3, 2)), parameter__b=np.zeros(3))
    weights = load_checkpoint(path, kernel).state.parameters["W"]
    assert weights.flags.c_contiguous
    assert weights.flags.writeable
    assert weights.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_truncated_at_any_length_and_flipped_bits(checkpoint, kernel, path):
    save_checkpoint(path, checkpoint)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError):
            load_checkpoint(path, kernel)
    for position in range(0, len(whole), 53):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        with suppress(DataError):
            load_checkpoint(path, kernel)


@pytest.mark.parametrize("header", [b"{'descr': '<f8', ('shape", b"{'descr': , }", b"{}", b"\xff", b"[" * 50])
def test_hostile_array_headers(checkpoint, kernel, path, header):
    save_checkpoint(path, checkpoint)
    with zipfile.ZipFile(path, "a") as archive:
        padded = header.ljust(117) + b"\n"
        archive.writestr("parameter.c.npy", b"\x93NUMPY\x01\x00\x76\x00" + padded + bytes(16))
    with pytest.raises(DataError, match="damaged"):
        load_checkpoint(path, kernel)


def test_not_an_archive(kernel, path):
    path.write_text("hello")
    with pytest.raises(DataError, match=r"is not an \.npz archive"):
        load_checkpoint(path, kernel)
    with pytest.raises(DataError, match=r"cannot read .*none\.npz: No such file"):
        load_checkpoint(path.with_name("none.npz"), kernel)


def failing(number):
    def fail(*_args, **_kwargs):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("call", "number", "message"),
    [
        ("fsync", errno.ENOSPC, "No space left on device; nothing was changed"),
        ("fsync", errno.EIO, "Input/output error"),
        ("replace", errno.EXDEV, "cross-device"),
    ],
)
def test_a_failed_save_keeps_the_old_file(checkpoint, path, monkeypatch, call, number, message):
    path.write_bytes(b"old")
    monkeypatch.setattr(os, call, failing(number))
    with pytest.raises(DataError, match=message) as caught:
        save_checkpoint(path, checkpoint)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == b"old"
    assert [p.name for p in path.parent.iterdir()] == ["net.npz"]


def test_a_failed_write_leaves_nothing(checkpoint, path, monkeypatch):
    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, data):
            self.file.write(data[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    plain = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *args: Full(plain(self, *args)))
    with pytest.raises(DataError, match="No space left"):
        save_checkpoint(path, checkpoint)
    assert not list(path.parent.iterdir())


def test_read_only_folder(checkpoint, path, monkeypatch):
    monkeypatch.setattr(Path, "open", failing(errno.EROFS))
    with pytest.raises(DataError, match=r"cannot write .*Read-only file system; nothing was changed, choose"):
        save_checkpoint(path, checkpoint)


def test_places_that_cannot_be_written(checkpoint, tmp_path):
    with pytest.raises(DataError, match="No such file or directory"):
        save_checkpoint(tmp_path / "none" / "net.npz", checkpoint)
    with pytest.raises(DataError, match="Is a directory"):
        save_checkpoint(tmp_path, checkpoint)


def test_a_folder_that_cannot_be_synced_is_no_failure(checkpoint, kernel, path, monkeypatch):
    monkeypatch.setattr(os, "open", failing(errno.EINVAL))
    save_checkpoint(path, checkpoint)
    assert load_checkpoint(path, kernel)


def test_a_link_stays_a_link(checkpoint, kernel, path):
    link = path.with_name("link.npz")
    link.symlink_to(path)
    save_checkpoint(link, checkpoint)
    assert link.is_symlink()
    assert load_checkpoint(path, kernel)
