// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QString>
#include <QStringList>

namespace tidemark::pg {

/// One file of resources/sql. Its header comments are its contract:
///     -- what: one line for people
///     -- columns: relid oid, relname name, …     (compared with the server's answer by a test, on every version)
///     -- params: oid, oid[]                       (types of $1, $2 …; absent when there are none)
///     -- cost: light | heavy | on demand
///     -- requires: extension timescaledb          (absent when a plain server has all it reads; or: toolkit refresh_log)
///
/// What a file is asked of may have several forms that no version of the server tells apart, as an extension's catalogue
/// has. Then a line that ends with --{form} belongs to that form only, and one that begins with it is a line of that form
/// commented out: as the file stands it is one of its forms, and can be run by hand. The forms are queries of their own,
/// but for those named "default" and "NN_plus": they are the variants of one query that differ in a few lines.
struct SqlQuery
{
    QString id;      ///< "freshness/matviews", "timescale/chunks:slice"
    QString variant; ///< "default", "14_plus"
    QByteArray sql;  ///< the whole file, tagged with the id so that pg_stat_statements and logs tell whose it is
    QString what;
    QString columns;
    QStringList params;
    QString cost;
    QString requires_; ///< the header's word is a C++ keyword
};

/// The reading SQL of the product: one query a file, `resources/sql/<area>/<query>/{default,NN_plus}.sql`; of its
/// variants, files or forms, the highest NN that is not above the server's major version is used. Immutable after loading; may be read from any thread.
class SqlLibrary
{
public:
    /// The files compiled into the program.
    [[nodiscard]] static const SqlLibrary &builtIn();
    /// All files below a folder laid out as resources/sql.
    explicit SqlLibrary(const QString &folder);

    /// The variant for a server version such as 150018. A query that does not exist is a fault of ours and aborts.
    [[nodiscard]] const SqlQuery &query(const QString &id, int serverVersion) const;
    [[nodiscard]] QStringList ids() const;

private:
    struct Variant
    {
        int minimumMajor = 0;
        SqlQuery query;
    };
    void add(const QString &id, const QString &variantName, const QString &text);

    QHash<QString, QList<Variant>> m_variants; // highest first
};

} // namespace tidemark::pg
