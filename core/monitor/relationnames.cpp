// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/relationnames.h"

namespace tidemark {

namespace {

// Names are asked for again after so many: relations come and go, and a rename shall not be hidden for ever.
constexpr std::size_t mostKnown = 10'000;

// Looks that may go unanswered: the other database ticks in its own time.
constexpr int patience = 3;

} // namespace

RelationNames::Found RelationNames::find(const QString &database, quint32 oid)
{
    const std::lock_guard lock(m_mutex);
    if (const auto known = m_names.find({database, oid}); known != m_names.end())
        return {known->second, false};
    m_wanted[database].insert(oid);
    return {std::nullopt, ++m_missed[{database, oid}] <= patience};
}

std::vector<quint32> RelationNames::takeWanted(const QString &database)
{
    const std::lock_guard lock(m_mutex);
    const auto wanted = m_wanted.extract(database);
    if (wanted.empty())
        return {};
    return {wanted.mapped().begin(), wanted.mapped().end()};
}

void RelationNames::learn(const QString &database, quint32 oid, const pg::QualifiedName &name)
{
    const std::lock_guard lock(m_mutex);
    if (m_names.size() >= mostKnown) {
        m_names.clear();
        m_missed.clear();
    }
    m_names.insert_or_assign({database, oid}, name);
}

void RelationNames::forget(const QString &database)
{
    const std::lock_guard lock(m_mutex);
    const auto isIts = [&](const auto &entry) { return entry.first.first == database; };
    m_wanted.erase(database);
    std::erase_if(m_missed, isIts);
    std::erase_if(m_names, isIts);
}

RelationNamesCollector::RelationNamesCollector(QString database, std::shared_ptr<RelationNames> names)
    : m_database(std::move(database))
    , m_names(std::move(names))
{
}

std::vector<TickQuery> RelationNamesCollector::plan(const TickContext &)
{
    const std::vector<quint32> wanted = m_names->takeWanted(m_database);
    if (wanted.empty())
        return {};
    return {{QStringLiteral("server/relation_names"),
             {pg::Param::array(wanted)},
             [this](const Result<pg::ResultSet> &rows) {
                 if (!rows)
                     return; // it stays a number, and is asked for again when it is met again
                 const auto oid = rows->column("oid");
                 const auto schema = rows->column("schema");
                 const auto name = rows->column("name");
                 for (int row = 0; row < rows->rowCount(); ++row)
                     m_names->learn(m_database, rows->oid(row, oid), {rows->text(row, schema), rows->text(row, name)});
             }}};
}

} // namespace tidemark
