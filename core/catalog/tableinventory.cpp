// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/tableinventory.h"

#include "core/catalog/fields.h"
#include "core/pg/session.h"
#include "core/pg/sqllibrary.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(TableInventory)
};

Error explained(Error error)
{
    if (error.kind == ErrorKind::LockTimeout)
        error.hint = Words::tr(
            "Somebody holds an ACCESS EXCLUSIVE lock: see the Locks page for who, or try again later.");
    return error.within(Words::tr("taking the inventory"));
}

/// Queries of one relation that are sent together, each with the place its rows go to.
class Batch
{
public:
    explicit Batch(pg::Session &session, quint32 relation)
        : m_session(session)
        , m_relation(relation)
    {
    }

    template<typename T>
    void read(const char *query, std::vector<T> &into)
    {
        add(query, [&into](const pg::ResultSet &rows) {
            for (int row = 0; row < rows.rowCount(); ++row)
                into.push_back(fields::fromRow<T>(rows, row));
        });
    }

    void readFacts(RelationFacts &into)
    {
        add("inventory/table", [&into](const pg::ResultSet &rows) {
            if (!rows.isEmpty())
                into = fields::fromRow<RelationFacts>(rows, 0);
        });
    }

    [[nodiscard]] Status run(const pg::CallOptions &call)
    {
        const auto results = m_session.execBatch(m_statements, call);
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (!results[i])
                return fail(explained(results[i].error()));
            m_targets[i](*results[i]);
        }
        return {};
    }

private:
    void add(const char *query, std::function<void(const pg::ResultSet &)> target)
    {
        m_statements.push_back(
            {pg::SqlLibrary::builtIn().query(QString::fromLatin1(query), m_session.serverVersion()).sql,
             {m_relation},
             {}});
        m_targets.push_back(std::move(target));
    }

    pg::Session &m_session;
    quint32 m_relation;
    std::vector<pg::Statement> m_statements;
    std::vector<std::function<void(const pg::ResultSet &)>> m_targets;
};

/// What one row of inventory/views says; the rest of a DependentView is read by its oid.
struct ViewRow
{
    quint32 oid = 0;
    DependentView view;
    template<typename Self, typename Visit>
    static void fields(Self &self, Visit &&visit)
    {
        visit("oid", self.oid);
        visit("depth", self.view.depth);
        visit("definition", self.view.definition);
        visit("reads", self.view.reads);
        visit("row_type", self.view.rowType);
        visit("constraints", self.view.constraints);
    }
};

template<typename T>
const T *named(const std::vector<T> &values, const QString &name)
{
    const auto found = std::find_if(values.begin(), values.end(), [&](const T &value) { return value.name == name; });
    return found == values.end() ? nullptr : &*found;
}

} // namespace

const TableColumn *TableInventory::column(const QString &name) const
{
    return named(columns, name);
}

const TableIndex *TableInventory::index(const QString &name) const
{
    return named(indexes, name);
}

const TableConstraint *TableInventory::primaryKey() const
{
    const auto found = std::find_if(constraints.begin(), constraints.end(), [](const TableConstraint &constraint) {
        return constraint.kind == QLatin1String("PRIMARY KEY");
    });
    return found == constraints.end() ? nullptr : &*found;
}

QJsonObject TableInventory::toJson() const
{
    QJsonObject object = fields::toJson(*this).toObject();
    object.insert(QStringLiteral("version"), 1);
    return object;
}

Result<TableInventory> TableInventory::fromJson(const QJsonObject &json)
{
    if (json.value(QStringLiteral("version")).toInt() != 1)
        return fail(Error::input(Words::tr("this inventory of a table was not written by this version of Tidemark")));
    TableInventory inventory;
    fields::fromJson(QJsonValue(json), inventory);
    return inventory;
}

Result<TableInventory> readTableInventory(pg::Session &session, quint32 oid, const pg::CallOptions &call)
{
    TableInventory table;
    table.serverVersion = session.serverVersion();
    std::vector<ViewRow> viewRows;
    Batch batch(session, oid);
    batch.readFacts(table.facts);
    batch.read("inventory/columns", table.columns);
    batch.read("inventory/constraints", table.constraints);
    batch.read("inventory/indexes", table.indexes);
    batch.read("inventory/foreign_keys", table.foreignKeys);
    batch.read("inventory/sequences", table.sequences);
    batch.read("inventory/statistics", table.statistics);
    batch.read("inventory/triggers", table.triggers);
    batch.read("inventory/rules", table.rules);
    batch.read("inventory/policies", table.policies);
    batch.read("inventory/publications", table.publications);
    batch.read("inventory/functions", table.functions);
    batch.read("inventory/mentions", table.mentions);
    batch.read("inventory/views", viewRows);
    TIDEMARK_CHECK(batch.run(call));
    if (table.facts.oid == 0)
        return fail(explained(Error::missing(Words::tr("no relation has the oid %1 any more").arg(oid))));

    for (ViewRow &row : viewRows) {
        DependentView &view = table.views.emplace_back(std::move(row.view));
        Batch parts(session, row.oid);
        parts.readFacts(view.facts);
        parts.read("inventory/columns", view.columns);
        parts.read("inventory/indexes", view.indexes);
        parts.read("inventory/statistics", view.statistics);
        parts.read("inventory/triggers", view.triggers);
        parts.read("inventory/rules", view.rules);
        parts.read("inventory/functions", view.functions);
        parts.read("inventory/mentions", view.mentions);
        TIDEMARK_CHECK(parts.run(call));
    }
    return table;
}

Result<TableInventory> readTableInventory(pg::Session &session, const pg::QualifiedName &name,
                                          const pg::CallOptions &call)
{
    const auto found = session.exec("SELECT pg_catalog.to_regclass($1)::pg_catalog.oid", {name.quoted()}, call);
    if (!found)
        return fail(explained(found.error()));
    if (found->isNull(0, 0))
        return fail(explained(Error::missing(Words::tr("there is no relation %1").arg(name.display()))));
    return readTableInventory(session, found->oid(0, 0), call);
}

} // namespace tidemark
