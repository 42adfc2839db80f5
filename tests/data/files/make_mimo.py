"""Makes the .mimo files of this folder, byte by byte what data.export of mimoCoRB2 0.0.3 writes, and what is in them.

Run with Python 3 and NumPy: python3 make_mimo.py
"""
import json
import pickle

import numpy as np

METADATA = np.dtype([("counter", "int64"), ("timestamp", "float64"), ("deadtime", "float64")])


def write(name, dtype, length, events, protocol):
    """events: (counter, timestamp, deadtime, values as bytes of an array of that dtype)"""
    header = {
        "version": 1,
        "header": "This is a mimoCoRB file",
        "data_dtype": dtype,
        "data_length": length,
        "metadata_dtype": METADATA,
        "metadata_length": 1,
    }
    expected = []
    with open(name + ".mimo", "wb") as file:
        pickle.dump(header, file, protocol)
        for counter, timestamp, deadtime, data in events:
            file.write(data.tobytes())
            file.write(np.array([(counter, timestamp, deadtime)], METADATA).tobytes())
            names = dtype.names or ["data"]
            columns = {n: (data[n] if dtype.names else data).tobytes().hex() for n in names}
            expected.append({"counter": counter, "timestamp": timestamp, "deadtime": deadtime, "columns": columns})
    return expected


def random_array(dtype, length, generator):
    """Any bits, but for truth values, which are 0 or 1."""
    data = np.zeros(length, dtype)
    for name in dtype.names:
        field = data[name]
        if field.dtype == bool:
            data[name] = generator.integers(0, 2, length).astype(bool)
        else:
            size = field.dtype.itemsize
            data[name] = np.frombuffer(generator.bytes(size * length), field.dtype)
    return data


generator = np.random.default_rng(1)
waveforms = np.dtype([(channel, "f4") for channel in ("chA", "chB", "chC", "chD")])
types = "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 ? c8 c16 S3".split()
every = np.dtype([(f"field {i}", t) for i, t in enumerate(types)])
aligned = np.dtype([(f"field {i}", t) for i, t in enumerate(types)], align=True)
ramp = np.arange(-2, 2, dtype="int16")
expected = {
    "v2_waveforms": write("v2_waveforms", waveforms, 6, [
        (n, 1795351039.25 + n, n / 8, random_array(waveforms, 6, generator)) for n in range(3)
    ], 4),
    "v2_every_type": write("v2_every_type", every, 2, [
        (2**40 + n, -1.0, -1.0, random_array(every, 2, generator)) for n in range(2)
    ], 2),
    "v2_aligned": write("v2_aligned", aligned, 3, [(7, 0.5, 0.25, random_array(aligned, 3, generator))], 5),
    "v2_bare": write("v2_bare", ramp.dtype, 4, [(n, float(n), 0.0, ramp + n) for n in range(2)], 4),
    "v2_empty": write("v2_empty", waveforms, 6, [], 4),
}
with open("v2_mimo.json", "w") as file:
    json.dump(expected, file, indent=1)
    file.write("\n")
