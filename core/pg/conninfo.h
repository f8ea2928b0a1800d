// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QList>
#include <QPair>

namespace tidemark::pg {

/// Where to connect, in libpq's own keywords. What is not given comes from libpq's defaults when connecting: the
/// service file, the PG* variables and .pgpass, exactly as psql does it. A value; copy freely.
class ConnInfo
{
public:
    ConnInfo() = default;

    /// Reads a URI (postgresql://…), a keyword string (host=… port=…), or, like psql -d, a bare database name.
    /// An unknown keyword or a malformed URI is an Input error that says which.
    [[nodiscard]] static Result<ConnInfo> parse(const QString &text);

    [[nodiscard]] QString value(const QString &keyword) const;
    /// A copy with one keyword changed; an empty value removes it.
    [[nodiscard]] ConnInfo with(const QString &keyword, const QString &value) const;
    [[nodiscard]] ConnInfo withDatabase(const QString &database) const
    {
        return with(QStringLiteral("dbname"), database);
    }

    /// The keyword string without the password; safe for logs, SQLite and screens. parse() reads it back.
    [[nodiscard]] QString withoutPassword() const;
    /// "host:port/database" as far as known, for people.
    [[nodiscard]] QString display() const;

    [[nodiscard]] const QList<QPair<QString, QString>> &keywords() const { return m_keywords; }

    friend bool operator==(const ConnInfo &, const ConnInfo &) = default;

private:
    QList<QPair<QString, QString>> m_keywords;
};

} // namespace tidemark::pg
