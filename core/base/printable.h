// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <QString>

namespace tidemark {

/// Whether a text's own line breaks and tabs reach the reader: in a message they do, in a table's cell they would break it.
enum class Lines { Escaped, Kept };

/// A text as people may be shown it: what would steer a terminal, turn the direction of reading or be no visible sign at
/// all (Unicode's control and format characters, its line and paragraph separators, halves of surrogate pairs) stands as
/// "\n", "\x1b", "\u202e". PostgreSQL allows each of them in a name. For eyes alone: what is sent, stored, copied or
/// exported stays as it is; a backslash of the text's own is not marked.
[[nodiscard]] QString printable(const QString &text, Lines lines = Lines::Escaped);

/// The same for a JSON document, by JSON's own escapes: it reads as the same document.
[[nodiscard]] QString printableJson(const QString &document);

/// Text from a server that promises no encoding (a database in SQL_ASCII): bytes that are no UTF-8 stand as "\xe9", so that
/// two names that differ stay two and the rest stays readable.
[[nodiscard]] QString fromUncheckedUtf8(QByteArrayView bytes);

/// How many columns of a terminal a printable text takes: an East Asian wide character two, a combining one none.
[[nodiscard]] int displayWidth(const QString &text);

} // namespace tidemark
