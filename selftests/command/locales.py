# SPDX-License-Identifier: GPL-2.0
"""The locales that the command is tested in."""
import subprocess

# One without letters, with commas in numbers, with an i that has no I, of one byte
# a letter, and two whose letters may end with the byte of a backslash.
LOCALES = {
    "C": "ascii", "C.UTF-8": "utf-8", "de_DE.UTF-8": "utf-8",
    "tr_TR.UTF-8": "utf-8", "de_DE.ISO-8859-1": "latin-1",
    "ru_RU.KOI8-R": "koi8-r", "ja_JP.EUC-JP": "euc-jp",
    "zh_TW.BIG5": "big5",
}


def make(directory):
    """Makes those that libc has not built in, for LOCPATH, some seconds each."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in LOCALES:
        target = directory / name
        if name in ("C", "C.UTF-8") or target.is_dir():
            continue
        language, charset = name.split(".")
        # It warns of letters that a charset has not, and ends with 1.
        subprocess.run(["localedef", "--no-archive", "-c", "-i", language,
                        "-f", charset, target], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not target.is_dir():
            raise FileNotFoundError(f"localedef has made no {name}")
    return directory
