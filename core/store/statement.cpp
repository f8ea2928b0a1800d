// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/statement.h"

namespace tidemark {

Statement::Statement(SQLite::Database &database, const std::string &sql)
    : m_statement(database, sql)
{
}

QString Statement::text(int column) const
{
    const SQLite::Column value = m_statement.getColumn(column);
    const char *data = value.getText("");
    return QString::fromUtf8(data, value.getBytes());
}

QByteArray Statement::bytes(int column) const
{
    const SQLite::Column value = m_statement.getColumn(column);
    const auto *data = static_cast<const char *>(value.getBlob());
    return QByteArray(data, value.getBytes());
}

std::optional<qint64> Statement::optionalInteger(int column) const
{
    return isNull(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<Instant> Statement::optionalInstant(int column) const
{
    return isNull(column) ? std::nullopt : std::optional(instant(column));
}

std::optional<Millis> Statement::optionalMillis(int column) const
{
    return isNull(column) ? std::nullopt : std::optional(millis(column));
}

std::optional<TimeRange> Statement::optionalRange(int column) const
{
    return isNull(column) ? std::nullopt : std::optional(TimeRange{instant(column), instant(column + 1)});
}

void Statement::bindOne(int index, const QString &value)
{
    const QByteArray utf8 = value.toUtf8();
    m_statement.bind(index, std::string(utf8.constData(), static_cast<std::size_t>(utf8.size())));
}

void Statement::bindOne(int index, const QByteArray &value)
{
    m_statement.bind(index, static_cast<const void *>(value.constData()), static_cast<int>(value.size()));
}

} // namespace tidemark
