// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

struct pg_result;

namespace tidemark::pg {

/// The rows of one statement, in libpq's memory. Cheap to move, never copied.
///
/// Columns are looked up once by name and then used as handles:
///     const auto name = rows.column("relname");
///     for (int row = 0; row < rows.rowCount(); ++row) use(rows.text(row, name));
/// Asking for a column the query does not have is a fault of ours and aborts: a test runs every query file and
/// compares its columns with the header.
class ResultSet
{
public:
    using Column = int;

    ResultSet() = default;
    explicit ResultSet(pg_result *result, QStringList notices = {});

    [[nodiscard]] int rowCount() const;
    [[nodiscard]] int columnCount() const;
    [[nodiscard]] bool isEmpty() const { return rowCount() == 0; }
    [[nodiscard]] Column column(const char *name) const;
    [[nodiscard]] QByteArray columnName(Column column) const;
    [[nodiscard]] quint32 columnType(Column column) const; ///< type oid

    [[nodiscard]] bool isNull(int row, Column column) const;
    [[nodiscard]] QByteArray bytes(int row, Column column) const;
    [[nodiscard]] QString text(int row, Column column) const;
    [[nodiscard]] qint64 int64(int row, Column column) const;
    [[nodiscard]] int int32(int row, Column column) const;
    [[nodiscard]] quint32 oid(int row, Column column) const; ///< oid and xid
    [[nodiscard]] double real(int row, Column column) const;
    [[nodiscard]] bool boolean(int row, Column column) const;
    [[nodiscard]] std::optional<qint64> optionalInt64(int row, Column column) const;
    /// A timestamp, timestamptz or date; nothing for NULL and for infinity.
    [[nodiscard]] std::optional<Instant> instant(int row, Column column) const;
    /// int[], bigint[], oid[]
    [[nodiscard]] std::vector<qint64> int64s(int row, Column column) const;
    /// text[], name[]
    [[nodiscard]] QStringList texts(int row, Column column) const;

    /// The command as the server names it when it is done: "SELECT 5", "REFRESH MATERIALIZED VIEW", "COMMIT".
    [[nodiscard]] QByteArray command() const;
    /// Rows touched by INSERT, UPDATE, DELETE, REFRESH …; 0 where the command tells none.
    [[nodiscard]] qint64 affectedRows() const;
    /// What this result took on the wire, computed from the protocol's message format.
    [[nodiscard]] qint64 wireBytes() const;
    [[nodiscard]] const QStringList &notices() const { return m_notices; }

private:
    struct Clear
    {
        void operator()(pg_result *result) const;
    };
    std::unique_ptr<pg_result, Clear> m_result;
    QStringList m_notices;
};

/// The elements of a one-dimensional array in PostgreSQL's text form; NULL elements are null strings.
[[nodiscard]] QStringList parseArray(const QByteArray &literal);

} // namespace tidemark::pg
