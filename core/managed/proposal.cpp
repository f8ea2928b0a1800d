// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/proposal.h"

#include "core/capture/capturecatalog.h"
#include "core/ddl/identifiers.h"
#include "core/ddl/rolesettings.h"
#include "core/ddl/sqltext.h"
#include "core/pg/transaction.h"

#include <QRegularExpression>

#include <algorithm>

namespace tidemark::managed {

namespace {

using pg::quoteIdentifier;

constexpr qsizetype longestKey = 4;
constexpr std::size_t earlyColumns = 2;

bool isMoment(const QString &type)
{
    return type == QLatin1String("date") || type.startsWith(QLatin1String("timestamp"));
}

bool mayBeKey(const ProposalColumn &column)
{
    static const QStringList never{QStringLiteral("real"), QStringLiteral("double precision"),
                                   QStringLiteral("tsvector"), QStringLiteral("jsonb"), QStringLiteral("bytea")};
    return column.isOrdered && !never.contains(column.type);
}

bool namesARow(const QString &name)
{
    return name == QLatin1String("id") || name.endsWith(QLatin1String("_id")) || name.endsWith(QLatin1String("_ident"))
           || name.endsWith(QLatin1String("_key")) || name.endsWith(QLatin1String("_code"))
           || name == QLatin1String("code") || name == QLatin1String("uuid");
}

const ProposalColumn *named(const std::vector<ProposalColumn> &columns, const QString &name)
{
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const ProposalColumn &column) { return column.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

/// What a look at a view's content has found.
struct Content
{
    qint64 rows = 0;
    std::vector<qint64> distinct; ///< of each candidate
    QHash<QString, qint64> nulls; ///< of each column that was asked for
    qint64 reversed = 0;          ///< rows that end before they begin
};

Result<Content> look(pg::Session &session, const ChainView &view, const QString &timeZone,
                     const std::vector<QStringList> &candidates, const QStringList &columns,
                     const std::optional<Validity> &validity, const pg::CallOptions &call)
{
    QStringList asked{QStringLiteral("pg_catalog.count(*)")};
    for (const QStringList &candidate : candidates)
        asked << QStringLiteral("pg_catalog.count(DISTINCT ROW(%1))").arg(ddl::quotedList(candidate));
    for (const QString &column : columns)
        asked << QStringLiteral("pg_catalog.count(*) FILTER (WHERE %1 IS NULL)").arg(quoteIdentifier(column));
    if (validity) {
        asked << QStringLiteral("pg_catalog.count(*) FILTER (WHERE %1 > %2)")
                     .arg(quoteIdentifier(validity->from), quoteIdentifier(validity->to));
    }
    const QString sql = QStringLiteral("SELECT %1 FROM %2").arg(asked.join(QStringLiteral(", ")), view.name().quoted());
    TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(session, "READ ONLY"));
    for (const QString &setting : ddl::settingsOfTheRole(timeZone)) {
        TIDEMARK_TRY([[maybe_unused]] const auto set, transaction.exec(setting.toUtf8()));
    }
    auto rows = transaction.exec(sql.toUtf8(), {}, call);
    if (!rows)
        return fail(rows.error().within(QStringLiteral("looking at the content of %1").arg(view.name().display())));
    Content content;
    int next = 0;
    content.rows = rows->int64(0, next++);
    for (std::size_t index = 0; index < candidates.size(); ++index)
        content.distinct.push_back(rows->int64(0, next++));
    for (const QString &column : columns)
        content.nulls.insert(column, rows->int64(0, next++));
    if (validity)
        content.reversed = rows->int64(0, next);
    return content;
}

/// The chosen key, and what speaks against it.
void chooseKey(ChainView &view, const std::vector<QStringList> &candidates, const Content &content,
               std::vector<MaterializeObstacle> &obstacles)
{
    const QString name = view.name().display();
    view.rows = content.rows;
    for (std::size_t index = 0; index < candidates.size(); ++index) {
        if (content.distinct.at(index) != content.rows)
            continue;
        view.wish.key = candidates.at(index);
        view.keyMayBeNull = std::any_of(view.wish.key.begin(), view.wish.key.end(),
                                        [&](const QString &column) { return content.nulls.value(column) > 0; });
        if (content.rows == 0) {
            obstacles.push_back({false,
                                 name,
                                 QStringLiteral("It has no rows: nothing tells whether (%1) is its key.")
                                     .arg(view.wish.key.join(QStringLiteral(", "))),
                                 {}});
        }
        return;
    }
    const bool wasNamed = !view.wish.key.isEmpty();
    obstacles.push_back({true, name,
                         wasNamed
                             ? QStringLiteral("(%1) is no key: %2 rows have %3 values of it.")
                                   .arg(view.wish.key.join(QStringLiteral(", ")))
                                   .arg(content.rows)
                                   .arg(content.distinct.front())
                             : QStringLiteral("No key was found among its columns: no row could be told from another."),
                         QStringLiteral("Name columns that are unique together: --key %1=COLUMN,COLUMN.").arg(name)});
}

/// What no other relation of the schema is called, by the number at its end.
QString freeName(const QString &base, const QString &suffix, const QSet<QString> &taken)
{
    QString name = ddl::madeName(base, suffix);
    for (int number = 1; taken.contains(name); ++number)
        name = ddl::madeName(base, suffix + QString::number(number));
    return name;
}

QString columnsIn(const QString &body)
{
    static const QRegularExpression quoted(QStringLiteral("\"((?:[^\"]|\"\")+)\""));
    QStringList names;
    for (auto match = quoted.globalMatch(body); match.hasNext();)
        names << match.next().captured(1).replace(QLatin1String("\"\""), QLatin1String("\""));
    return names.isEmpty() ? QStringLiteral("_index") : QLatin1Char('_') + names.join(QLatin1Char('_'));
}

Result<QSet<QString>> namesOfSchema(pg::Session &session, const QString &schema, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const auto rows,
                 session.exec("SELECT c.relname FROM pg_catalog.pg_class AS c "
                              "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1",
                              {schema}, call));
    QSet<QString> names;
    for (int row = 0; row < rows.rowCount(); ++row)
        names.insert(rows.text(row, 0));
    return names;
}

void nameIndexes(ChainView &view, QSet<QString> &taken, std::vector<MaterializeObstacle> &obstacles)
{
    for (IndexWish &index : *view.wish.indexes) {
        if (index.name.isEmpty())
            index.name = freeName(view.name().name + columnsIn(index.body), QStringLiteral("_idx"), taken);
        else if (taken.contains(index.name))
            obstacles.push_back({true, QStringLiteral("index ") + index.name,
                                 QStringLiteral("Another relation has its name already."),
                                 QStringLiteral("Name it otherwise, or leave the name out.")});
        taken.insert(index.name);
    }
    for (const QString &name : {view.wish.definition, view.newName().name}) {
        if (taken.contains(name))
            obstacles.push_back({true, view.name().display(),
                                 QStringLiteral("There is a relation %1 already, the name that is needed.").arg(name),
                                 QStringLiteral("Rename or drop that one, or say another with “definition”.")});
        taken.insert(name);
    }
}

} // namespace

std::vector<QStringList> keyCandidates(const std::vector<ProposalColumn> &columns)
{
    std::vector<QStringList> candidates;
    const auto add = [&](const QStringList &candidate) {
        if (std::find(candidates.begin(), candidates.end(), candidate) == candidates.end())
            candidates.push_back(candidate);
    };
    std::vector<QString> early; // a view names what it is about at its beginning
    QString moment;
    for (const ProposalColumn &column : columns) {
        if (!mayBeKey(column))
            continue;
        if (moment.isEmpty() && isMoment(column.type))
            moment = column.name;
        if (early.size() < earlyColumns && namesARow(column.name))
            early.push_back(column.name);
    }
    for (const QString &name : early)
        add({name});
    QStringList leading;
    for (const ProposalColumn &column : columns) {
        if (!mayBeKey(column) || leading.size() == longestKey)
            break;
        leading << column.name;
        add(leading);
    }
    for (const QString &name : early) {
        if (!moment.isEmpty() && name != moment)
            add({name, moment});
    }
    return candidates;
}

std::optional<Validity> validityOf(const std::vector<ProposalColumn> &columns)
{
    struct Pair
    {
        const char *from;
        const char *to;
        const char *bounds;
    };
    for (const Pair &pair : {Pair{"valid_after", "valid_to", "(]"}, Pair{"valid_from", "valid_to", "[)"},
                             Pair{"valid_from", "valid_until", "[)"}, Pair{"start_date", "end_date", "[)"},
                             Pair{"starts_at", "ends_at", "[)"}, Pair{"started_at", "ended_at", "[)"}}) {
        const ProposalColumn *from = named(columns, QLatin1String(pair.from));
        const ProposalColumn *to = named(columns, QLatin1String(pair.to));
        if (from == nullptr || to == nullptr || from->type != to->type || !isMoment(from->type))
            continue;
        const QString function = from->type == QLatin1String("date")                    ? QStringLiteral("daterange")
                                 : from->type.endsWith(QLatin1String("with time zone")) ? QStringLiteral("tstzrange")
                                                                                        : QStringLiteral("tsrange");
        return Validity{from->name, to->name, function, QLatin1String(pair.bounds)};
    }
    return {};
}

std::vector<IndexWish> indexProposals(const std::vector<ProposalColumn> &columns, const QStringList &key,
                                      const std::optional<Validity> &validity, const QStringList &empty)
{
    std::vector<IndexWish> wishes;
    if (validity) {
        wishes.push_back({{},
                          QStringLiteral("USING gist (pg_catalog.%1(%2, %3, '%4'))")
                              .arg(validity->function, quoteIdentifier(validity->from), quoteIdentifier(validity->to),
                                   validity->bounds),
                          false});
    }
    for (const ProposalColumn &column : columns) {
        const QString quoted = quoteIdentifier(column.name);
        if (column.type == QLatin1String("tsvector"))
            wishes.push_back({{}, QStringLiteral("USING gin (%1)").arg(quoted), false});
        else if (column.type.endsWith(QLatin1String("range")))
            wishes.push_back({{}, QStringLiteral("USING gist (%1)").arg(quoted), false});
        else if (mayBeKey(column) && column.name.endsWith(QLatin1String("_id")) && column.name != key.value(0)
                 && !empty.contains(column.name))
            wishes.push_back({{}, QStringLiteral("USING btree (%1)").arg(quoted), false});
    }
    return wishes;
}

QString rangeProposal(const std::vector<ProposalColumn> &columns, const QStringList &key,
                      const std::optional<Validity> &validity)
{
    if (validity)
        return validity->from;
    for (const QString &name : key) {
        const ProposalColumn *column = named(columns, name);
        if (column && isMoment(column->type))
            return name;
    }
    return {};
}

Status propose(pg::Session &session, ViewChain &chain, std::vector<MaterializeObstacle> &obstacles,
               const pg::CallOptions &call)
{
    QHash<QString, QSet<QString>> taken;
    for (ChainView &view : chain.views) {
        TIDEMARK_TRY(const std::vector<RowColumn> rowColumns, readRowColumns(session, view.name(), call));
        std::vector<ProposalColumn> columns;
        QStringList names;
        for (const RowColumn &column : rowColumns) {
            columns.push_back({column.name, column.asKey.type, !column.asKey.equality.isEmpty()});
            names << column.name;
        }
        QStringList needed = view.wish.key;
        if (!view.wish.rangeColumn.isEmpty())
            needed << view.wish.rangeColumn;
        for (const QString &name : needed) {
            const ProposalColumn *column = named(columns, name);
            if (column == nullptr || !column->isOrdered) {
                return fail(Error::input(
                    column == nullptr
                        ? QStringLiteral("%1 has no column “%2”").arg(view.name().display(), name)
                        : QStringLiteral("the type of column “%1” of %2 has no order").arg(name, view.name().display()),
                    QStringLiteral("Its columns are: %1.").arg(names.join(QStringLiteral(", ")))));
            }
        }
        const std::optional<Validity> validity = validityOf(columns);
        const std::vector<QStringList> candidates = view.wish.key.isEmpty() ? keyCandidates(columns)
                                                                            : std::vector<QStringList>{view.wish.key};
        TIDEMARK_TRY(const Content content, look(session, view, chain.timeZone, candidates, names, validity, call));
        chooseKey(view, candidates, content, obstacles);
        QStringList empty;
        for (const QString &name : names) {
            if (content.nulls.value(name) == content.rows && content.rows > 0)
                empty << name;
        }
        if (!view.wish.indexes)
            view.wish.indexes = indexProposals(columns, view.wish.key, content.reversed > 0 ? std::nullopt : validity,
                                               empty);
        if (view.wish.rangeColumn.isEmpty())
            view.wish.rangeColumn = rangeProposal(columns, view.wish.key, validity);
        const QString &schema = view.name().schema;
        if (!taken.contains(schema)) {
            TIDEMARK_TRY(const QSet<QString> there, namesOfSchema(session, schema, call));
            taken.insert(schema, there);
        }
        nameIndexes(view, taken[schema], obstacles);
    }
    return {};
}

} // namespace tidemark::managed
