// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/collector.h"

#include <map>
#include <mutex>
#include <set>

namespace tidemark {

/// Names of relations across the databases of one server. Locks are watched from one database, whose catalogue cannot
/// name another's relations: what it meets is asked for here, and the watch of that other database answers with its next
/// tick. May be used from any thread.
class RelationNames
{
public:
    /// The name where it is known. Else it is wanted, its database will be asked, and `isPending` says whether an answer
    /// can still be hoped for: a database that is not watched never gives one.
    struct Found
    {
        std::optional<pg::QualifiedName> name;
        bool isPending = false;
    };
    [[nodiscard]] Found find(const QString &database, quint32 oid);

    [[nodiscard]] std::vector<quint32> takeWanted(const QString &database);
    void learn(const QString &database, quint32 oid, const pg::QualifiedName &name);
    /// The database is no more, or another has its name.
    void forget(const QString &database);

private:
    std::mutex m_mutex;
    std::map<QString, std::set<quint32>> m_wanted;
    std::map<std::pair<QString, quint32>, int> m_missed; // how often it was looked for in vain
    std::map<std::pair<QString, quint32>, pg::QualifiedName> m_names;
};

/// Answers for its database what others want named. Costs nothing while nobody asks.
class RelationNamesCollector final : public Collector
{
public:
    RelationNamesCollector(QString database, std::shared_ptr<RelationNames> names);

    [[nodiscard]] QString name() const override { return QStringLiteral("names"); }
    [[nodiscard]] bool usesFeed() const override { return false; }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override;
    void publish(const TickContext &, DatabaseSnapshot &) override {}

private:
    QString m_database;
    std::shared_ptr<RelationNames> m_names;
};

} // namespace tidemark
