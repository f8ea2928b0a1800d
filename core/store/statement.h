// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/pg/qualifiedname.h"

#include <QByteArray>
#include <QString>

#include <SQLiteCpp/SQLiteCpp.h>

#include <concepts>
#include <optional>
#include <string>

namespace tidemark {

/// A prepared statement of the local store that speaks the project's types: instants are microseconds, durations
/// milliseconds, nothing is NULL. Lives inside LocalStore::read() or write() only and throws what SQLiteCpp throws there.
class Statement
{
public:
    Statement(SQLite::Database &database, const std::string &sql);

    /// Binds all parameters in order and makes the statement ready to run again.
    template<typename... Values>
    Statement &bind(const Values &...values)
    {
        m_statement.reset();
        int index = 0;
        (bindOne(++index, values), ...);
        return *this;
    }

    [[nodiscard]] bool next() { return m_statement.executeStep(); }
    /// Runs a statement that answers no rows; says how many it changed.
    int run() { return m_statement.exec(); }

    /// Lets go of the rows, so that the statement holds no snapshot.
    void reset() { m_statement.reset(); }

    [[nodiscard]] bool isNull(int column) const { return m_statement.isColumnNull(column); }
    [[nodiscard]] qint64 integer(int column) const { return m_statement.getColumn(column).getInt64(); }
    [[nodiscard]] int number(int column) const { return m_statement.getColumn(column).getInt(); }
    [[nodiscard]] double real(int column) const { return m_statement.getColumn(column).getDouble(); }
    [[nodiscard]] bool flag(int column) const { return number(column) != 0; }
    [[nodiscard]] quint32 oid(int column) const { return static_cast<quint32>(integer(column)); }
    [[nodiscard]] QString text(int column) const;
    [[nodiscard]] QByteArray bytes(int column) const;
    [[nodiscard]] Instant instant(int column) const { return fromEpochMicros(integer(column)); }
    [[nodiscard]] Millis millis(int column) const { return Millis(integer(column)); }
    [[nodiscard]] pg::QualifiedName name(int schemaColumn) const
    {
        return {text(schemaColumn), text(schemaColumn + 1)};
    }

    [[nodiscard]] std::optional<qint64> optionalInteger(int column) const;
    [[nodiscard]] std::optional<Instant> optionalInstant(int column) const;
    [[nodiscard]] std::optional<Millis> optionalMillis(int column) const;
    /// Two columns, from `column` on.
    [[nodiscard]] std::optional<TimeRange> optionalRange(int column) const;

private:
    void bindOne(int index, const QString &value);
    void bindOne(int index, const QByteArray &value);
    void bindOne(int index, double value) { m_statement.bind(index, value); }
    void bindOne(int index, Instant value) { bindOne(index, toEpochMicros(value)); }
    void bindOne(int index, Millis value) { bindOne(index, static_cast<qint64>(value.count())); }
    void bindOne(int index, std::nullopt_t) { m_statement.bind(index); }
    template<std::integral Integer>
    void bindOne(int index, Integer value)
    {
        m_statement.bind(index, static_cast<int64_t>(value));
    }
    template<typename Value>
    void bindOne(int index, const std::optional<Value> &value)
    {
        if (value)
            bindOne(index, *value);
        else
            m_statement.bind(index);
    }

    SQLite::Statement m_statement;
};

} // namespace tidemark
