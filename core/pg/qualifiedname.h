// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHashFunctions>
#include <QString>

#include <compare>
#include <optional>

namespace tidemark::pg {

/// An identifier as PostgreSQL writes it in SQL: always in double quotes, with its own quotes doubled.
[[nodiscard]] QString quoteIdentifier(const QString &name);

/// A string constant, safe under any standard_conforming_strings. Values normally travel as Params; this is for SQL
/// that a person reads before it runs.
[[nodiscard]] QString quoteLiteral(const QString &text);

/// The name of a relation, schema and all. Quoted in one place, here; never glued from strings.
struct QualifiedName
{
    QString schema;
    QString name;

    /// For SQL: "public"."source_track_plays".
    [[nodiscard]] QString quoted() const;
    /// For people: public.source_track_plays, with quotes only where PostgreSQL needs them.
    [[nodiscard]] QString display() const;
    /// Reads what display() and psql's \d accept: plays, public.plays, "we""ird"."Name". Empty where it is not a name.
    [[nodiscard]] static std::optional<QualifiedName> parse(const QString &text);

    friend bool operator==(const QualifiedName &, const QualifiedName &) = default;
    friend auto operator<=>(const QualifiedName &left, const QualifiedName &right)
    {
        const int schemas = left.schema.compare(right.schema);
        return (schemas != 0 ? schemas : left.name.compare(right.name)) <=> 0;
    }
};

[[nodiscard]] inline size_t qHash(const QualifiedName &name, size_t seed = 0)
{
    return qHashMulti(seed, name.schema, name.name);
}

} // namespace tidemark::pg
