# SPDX-License-Identifier: GPL-2.0
"""A real browser, headless, driven by its pipe, and what it shows as pixels."""
import base64
import json
import os
import struct
import subprocess
import tempfile
import zlib


class Browser:
    """One page at a time; all that it complains of and asks for is kept."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.count = 0
        self.events = []
        self.rest = b""
        theirs_in, self.to = os.pipe()
        self.back, theirs_out = os.pipe()
        # The browser takes them as 3 and 4.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash",
             "chromium", "--headless", "--no-sandbox", "--disable-gpu",
             "--hide-scrollbars", "--disable-background-networking",
             "--disable-component-update", "--no-first-run",
             "--remote-debugging-pipe",
             f"--user-data-dir={self.directory.name}", "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        target = next(target for target in
                      self.send("Target.getTargets")["targetInfos"]
                      if target["type"] == "page")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in "Page", "Network", "Log", "Runtime":
            self.send(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.to)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.back)
        try:
            self.directory.cleanup()
        except OSError:
            pass

    def receive(self):
        """The next thing it says."""
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 20)
            if not more:
                raise AssertionError("the browser has ended")
            self.rest += more
        line, _, self.rest = self.rest.partition(b"\0")
        return json.loads(line)

    def send(self, method, **parameters):
        """What it answers."""
        self.count += 1
        call = {"id": self.count, "method": method, "params": parameters}
        if getattr(self, "session", None):
            call["sessionId"] = self.session
        os.write(self.to, json.dumps(call).encode() + b"\0")
        while True:
            said = self.receive()
            if said.get("id") == self.count:
                if "error" in said:
                    raise AssertionError(f"{method}: {said['error']}")
                return said["result"]
            self.events.append(said)

    def wait(self, method):
        """Until it says so."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive())

    def open(self, path, dark=False):
        """A file, on light or dark ground."""
        self.send("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.events.clear()
        self.send("Page.navigate", url="file://" + os.path.abspath(path))
        self.wait("Page.loadEventFired")

    def complaints(self):
        """Messages, errors and what was asked for beside the page itself."""
        found = []
        for event in self.events:
            name, what = event.get("method", ""), event.get("params", {})
            if name in ("Log.entryAdded", "Runtime.consoleAPICalled",
                        "Runtime.exceptionThrown", "Network.loadingFailed"):
                found.append(f"{name}: {json.dumps(what)[:300]}")
            if name == "Network.requestWillBeSent":
                url = what["request"]["url"]
                if not url.startswith("data:") and what.get("type") != "Document":
                    found.append(f"asked for {url[:300]}")
        return found

    def ask(self, script):
        """What an expression is there."""
        result = self.send("Runtime.evaluate", expression=script,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def point(self, x, y):
        """With the mouse."""
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self, width, height, path=None):
        """Rows of (red, green, blue)."""
        self.send("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        data = base64.b64decode(self.send("Page.captureScreenshot")["data"])
        if path:
            with open(path, "wb") as out:
                out.write(data)
        return pixels(data)


def unfilter(kind, row, above, size):
    """A row of a PNG as it was."""
    for i, byte in enumerate(row):
        left = row[i - size] if i >= size else 0
        up, corner = above[i], above[i - size] if i >= size else 0
        if kind == 1:
            byte += left
        elif kind == 2:
            byte += up
        elif kind == 3:
            byte += (left + up) // 2
        elif kind == 4:
            guess = left + up - corner
            byte += min((left, up, corner),
                        key=lambda near: abs(guess - near))
        row[i] = byte & 255
    return row


def pixels(data):
    """Of a PNG without a palette, 8 bits a sample."""
    at, packed = 8, b""
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if name == b"IHDR":
            width, height, _, color = struct.unpack(">IIBB", body[:10])
        elif name == b"IDAT":
            packed += body
        at += length + 12
    size = {2: 3, 6: 4}[color]
    raw, rows, above = zlib.decompress(packed), [], bytes(width * size)
    for nr in range(height):
        start = nr * (width * size + 1)
        above = unfilter(raw[start], bytearray(
            raw[start + 1:start + 1 + width * size]), above, size)
        rows.append([tuple(above[i:i + 3]) for i in range(0, width * size, size)])
    return rows
