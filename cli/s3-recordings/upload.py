"""Writes two calls with sidecars and a file that is no recording to a folder and to a bucket; the files have other times than their objects."""
import json
import math
import os
import struct
import sys
import wave

import boto3

folder, endpoint = sys.argv[1:]
os.makedirs(os.path.join(folder, "monday"), exist_ok=True)
for name, seconds in (("monday/one", 3), ("two", 5)):
    path = os.path.join(folder, name + ".wav")
    with wave.open(path, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        for i in range(8000 * seconds):
            file.writeframesraw(struct.pack("<hh", *(int(9000 * math.sin(i * step * seconds)) for step in (0.1, 0.07))))
    with open(path + ".json", "w") as file:
        json.dump({"tenant": "bank", "startedAt": "2026-11-02T08:30:00Z"}, file)
with open(os.path.join(folder, "notes.txt"), "w") as file:
    file.write("no recording at all, only text")
s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
                  aws_access_key_id="key-of-the-check", aws_secret_access_key="secret-of-the-check")
s3.create_bucket(Bucket="bucket")
for directory, _, names in os.walk(folder):
    for name in names:
        path = os.path.join(directory, name)
        key = "calls/" + os.path.relpath(path, folder)
        s3.upload_file(path, "bucket", key)
        os.utime(path, (1, 1))
