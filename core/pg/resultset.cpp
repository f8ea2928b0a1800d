// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/resultset.h"

#include "core/base/printable.h"

#include <libpq-fe.h>

namespace tidemark::pg {

void ResultSet::Clear::operator()(pg_result *result) const
{
    PQclear(result);
}

ResultSet::ResultSet(pg_result *result, QStringList notices)
    : m_result(result)
    , m_notices(std::move(notices))
{
}

int ResultSet::rowCount() const
{
    return PQntuples(m_result.get());
}

int ResultSet::columnCount() const
{
    return PQnfields(m_result.get());
}

ResultSet::Column ResultSet::column(const char *name) const
{
    const QByteArray quoted = QByteArray(1, '"') + name + '"'; // PQfnumber folds what is not quoted
    const int column = PQfnumber(m_result.get(), quoted.constData());
    if (column < 0)
        qFatal("the query has no column named %s", name);
    return column;
}

QByteArray ResultSet::columnName(Column column) const
{
    return PQfname(m_result.get(), column);
}

quint32 ResultSet::columnType(Column column) const
{
    return PQftype(m_result.get(), column);
}

bool ResultSet::isNull(int row, Column column) const
{
    return PQgetisnull(m_result.get(), row, column) != 0;
}

QByteArray ResultSet::bytes(int row, Column column) const
{
    if (isNull(row, column))
        return {};
    return {PQgetvalue(m_result.get(), row, column), PQgetlength(m_result.get(), row, column)};
}

QString ResultSet::text(int row, Column column) const
{
    if (isNull(row, column))
        return {};
    return fromUncheckedUtf8({PQgetvalue(m_result.get(), row, column), PQgetlength(m_result.get(), row, column)});
}

qint64 ResultSet::int64(int row, Column column) const
{
    return bytes(row, column).toLongLong();
}

int ResultSet::int32(int row, Column column) const
{
    return bytes(row, column).toInt();
}

quint32 ResultSet::oid(int row, Column column) const
{
    return bytes(row, column).toUInt();
}

double ResultSet::real(int row, Column column) const
{
    return bytes(row, column).toDouble();
}

bool ResultSet::boolean(int row, Column column) const
{
    return bytes(row, column) == "t";
}

std::optional<qint64> ResultSet::optionalInt64(int row, Column column) const
{
    if (isNull(row, column))
        return std::nullopt;
    return int64(row, column);
}

std::optional<Instant> ResultSet::instant(int row, Column column) const
{
    if (isNull(row, column))
        return std::nullopt;
    return parseTimestamp(text(row, column));
}

std::vector<qint64> ResultSet::int64s(int row, Column column) const
{
    std::vector<qint64> numbers;
    const QStringList elements = parseArray(bytes(row, column));
    numbers.reserve(static_cast<std::size_t>(elements.size()));
    for (const QString &element : elements)
        numbers.push_back(element.toLongLong());
    return numbers;
}

QStringList ResultSet::texts(int row, Column column) const
{
    return parseArray(bytes(row, column));
}

QByteArray ResultSet::command() const
{
    return PQcmdStatus(m_result.get());
}

qint64 ResultSet::affectedRows() const
{
    return QByteArray(PQcmdTuples(m_result.get())).toLongLong();
}

qint64 ResultSet::wireBytes() const
{
    if (!m_result)
        return 0;
    // PostgreSQL documentation, chapter "Message Formats": DataRow is 1 + 4 + 2 and 4 + n a column, RowDescription
    // 1 + 4 + 2 and 18 + name + 1 a column, then CommandComplete, BindComplete and ReadyForQuery.
    const int columns = columnCount();
    qint64 total = 5 + static_cast<qint64>(qstrlen(PQcmdStatus(m_result.get()))) + 1 + 5 + 6;
    if (columns > 0) {
        total += 7;
        for (int column = 0; column < columns; ++column)
            total += static_cast<qint64>(qstrlen(PQfname(m_result.get(), column))) + 1 + 18;
    }
    const int rows = rowCount();
    for (int row = 0; row < rows; ++row) {
        total += 7;
        for (int column = 0; column < columns; ++column)
            total += 4 + PQgetlength(m_result.get(), row, column);
    }
    return total;
}

QStringList parseArray(const QByteArray &literal)
{
    QStringList elements;
    // An array that does not count from 1 has its bounds in front: "[0:1]={5,6}".
    const qsizetype start = literal.indexOf('{');
    if (start < 0 || literal.size() - start <= 2)
        return elements;
    QByteArray element;
    bool quoted = false;    // inside quotes now
    bool wasQuoted = false; // this element had quotes: "NULL" in quotes is a word
    for (qsizetype i = start + 1; i < literal.size(); ++i) {
        const char c = literal.at(i);
        if (c == '\\' && i + 1 < literal.size()) {
            element += literal.at(++i);
        } else if (c == '"') {
            quoted = !quoted;
            wasQuoted = true;
        } else if (!quoted && (c == ',' || c == '}')) {
            elements << (!wasQuoted && element == "NULL" ? QString() : fromUncheckedUtf8(element));
            element.clear();
            wasQuoted = false;
        } else {
            element += c;
        }
    }
    return elements;
}

} // namespace tidemark::pg
