// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json.h"
#include "app/cli/partitionstatistics.h"
#include "app/cli/target.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "app/cli/wantedtrees.h"
#include "core/base/printable.h"
#include "core/base/units.h"
#include "core/catalog/hashgaps.h"

#include <algorithm>

namespace tidemark::cli {

namespace {

using Align = TextTable::Align;

QString runway(const PartitionedTable &table, Instant now)
{
    if (!table.runsOut)
        return QStringLiteral("-");
    if (!table.runwayUntil || *table.runwayUntil <= now)
        return QStringLiteral("none left");
    return units::duration(millisBetween(now, *table.runwayUntil));
}

QString rowsOf(qint64 rows)
{
    return rows < 0 ? QStringLiteral("not analyzed") : units::count(rows);
}

QString stateOf(const Partition &partition, PartitioningKind kind)
{
    QStringList words;
    if (partition.isDefault)
        words << QStringLiteral("default");
    if (partition.detachPending)
        words << QStringLiteral("detach pending");
    if (partition.compressed)
        words << QStringLiteral("compressed");
    if (partition.frozen)
        words << QStringLiteral("frozen");
    if (partition.isForeign)
        words << QStringLiteral("foreign");
    if (!partition.isLeaf)
        words << (kind == PartitioningKind::Inheritance ? QStringLiteral("parent") : QStringLiteral("partitioned"));
    return words.join(QStringLiteral(", "));
}

bool hasParentRows(const Servers &servers)
{
    for (const auto &server : servers) {
        for (const auto &[name, database] : server->databases) {
            if (!database->partitions)
                continue;
            for (const auto &table : database->partitions->tables) {
                if (table->parentRows)
                    return true;
            }
        }
    }
    return false;
}

QString gapText(const PartitionedTable &table, const PartitionGap &gap)
{
    const QString text = gap.hash
                             ? QStringLiteral("gap: no partition for %1").arg(hashGapText(*gap.hash))
                             : QStringLiteral("gap from %1 to %2").arg(boundDisplay(gap.from), boundDisplay(gap.to));
    const auto parent = std::find_if(table.partitions.begin(), table.partitions.end(),
                                     [&](const Partition &partition) { return partition.oid == gap.parentOid; });
    return printable(
        parent == table.partitions.end() ? text : QStringLiteral("%1 below %2").arg(text, parent->name.display()));
}

void printParents(const Context &context, const Look &look)
{
    const Servers &servers = look.servers;
    TextTable table({{QStringLiteral("SERVER"), Align::Left, servers.size() > 1},
                     {QStringLiteral("DATABASE")},
                     {QStringLiteral("TABLE")},
                     {QStringLiteral("KIND")},
                     {QStringLiteral("KEY")},
                     {QStringLiteral("PARTITIONS"), Align::Right},
                     {QStringLiteral("SIZE"), Align::Right},
                     {QStringLiteral("ROWS"), Align::Right},
                     {QStringLiteral("PARENT ROWS"), Align::Right, hasParentRows(servers)},
                     {QStringLiteral("DEFAULT ROWS"), Align::Right},
                     {QStringLiteral("GAPS"), Align::Right},
                     {QStringLiteral("OVERLAPS"), Align::Right},
                     {QStringLiteral("RUNWAY"), Align::Right}});
    for (const auto &server : servers) {
        for (const auto &[name, database] : server->databases) {
            if (!database->partitions)
                continue;
            for (const auto &parent : database->partitions->tables) {
                table.add({server->name, name, parent->name.display(), toWord(parent->kind), parent->keyText,
                           units::count(parent->leafCount), units::knownBytes(parent->totalBytes),
                           rowsOf(parent->rowsEstimate),
                           parent->parentRows ? rowsOf(*parent->parentRows) : QStringLiteral("-"),
                           parent->defaultRows ? rowsOf(*parent->defaultRows) : QStringLiteral("-"),
                           QString::number(parent->gaps.size()), QString::number(parent->overlaps.size()),
                           runway(*parent, database->takenAt)});
            }
        }
    }
    if (!table.isEmpty())
        table.print(context.out);
    else if (look.reachedAny())
        context.err << "No partitioned tables in what was looked at." << Qt::endl;
}

void printTree(const Context &context, const PartitionedTable &tree)
{
    TextTable table({{QStringLiteral("PARTITION")},
                     {QStringLiteral("BOUND")},
                     {QStringLiteral("STATE")},
                     {QStringLiteral("SIZE"), Align::Right},
                     {QStringLiteral("ROWS"), Align::Right}});
    if (tree.kind == PartitioningKind::Inheritance) {
        table.add({tree.name.display(),
                   {},
                   QStringLiteral("rows in the parent"),
                   units::knownBytes(tree.ownBytes),
                   rowsOf(tree.ownRows)});
    }
    for (const Partition &partition : tree.partitions) {
        table.add({QString(2 * (partition.level - 1), QLatin1Char(' ')) + partition.name.display(), partition.boundText,
                   stateOf(partition, tree.kind), units::knownBytes(partition.treeBytes), rowsOf(partition.treeRows)});
    }
    table.print(context.out);
    for (const PartitionGap &gap : tree.gaps)
        context.out << gapText(tree, gap) << '\n';
    context.out.flush();
}

bool printPartitionsOf(const Context &context, const Servers &servers, const WantedName &wanted)
{
    bool found = false;
    for (const auto &server : servers) {
        for (const auto &[name, database] : server->databases) {
            for (const auto &tree : treesOf(*database, wanted)) {
                found = true;
                if (servers.size() > 1)
                    context.out << printable(server->name) << '/' << printable(name) << ":\n";
                printTree(context, *tree);
            }
        }
    }
    return found;
}

/// The name may be that of a partition that has none itself.
Error noneNamed(const Servers &servers, const WantedName &wanted)
{
    for (const auto &server : servers) {
        for (const auto &[name, database] : server->databases) {
            if (!database->partitions)
                continue;
            for (const auto &table : database->partitions->tables) {
                const auto leaf = std::find_if(table->partitions.begin(), table->partitions.end(),
                                               [&](const Partition &each) { return wanted.fits(each.name); });
                if (leaf != table->partitions.end()) {
                    return Error::missing(
                        QStringLiteral("%1 is a partition of %2 and has none itself")
                            .arg(printable(leaf->name.display()), printable(table->name.display())),
                        QStringLiteral("Write it as: partitions %1").arg(printable(table->name.display())));
                }
            }
        }
    }
    return Error::missing(QStringLiteral("no partitioned table is named %1").arg(wanted.display()));
}

ExitCode partitions(const Context &context)
{
    const auto wanted = WantedName::of(context);
    if (!wanted)
        return context.fail(wanted.error());
    const bool withStatistics = context.options.isSet(QStringLiteral("statistics"));
    if (withStatistics && !wanted->isGiven())
        return context.fail(Error::input(QStringLiteral("--statistics is about one table: name it"),
                                         QStringLiteral("Write it as: partitions TABLE --statistics")));
    const Look look = lookAtAll(context);
    if (withStatistics)
        return printPartitionStatistics(context, look, *wanted);
    bool isFound = true;
    if (context.json) {
        const bool withPartitions = context.options.isSet(QStringLiteral("all")) || wanted->isGiven();
        const QJsonArray parents = parentsJson(look.servers, *wanted, withPartitions);
        look.print(context, QStringLiteral("parents"), parents);
        isFound = !parents.isEmpty();
    } else if (wanted->isGiven()) {
        isFound = printPartitionsOf(context, look.servers, *wanted);
    } else {
        printParents(context, look);
    }
    if (wanted->isGiven() && !isFound && look.exitCode == ExitCode::Done)
        return context.fail(noneNamed(look.servers, *wanted));
    return look.exitCode;
}

} // namespace

Verb partitionsVerb()
{
    return {
        QStringLiteral("partitions"),
        QStringLiteral("partitioned tables and hypertables; with TABLE its partitions or chunks"),
        QStringLiteral("[TABLE]"),
        {{QStringLiteral("all"), QStringLiteral("With --json: list the partitions of every table.")},
         {QStringLiteral("statistics"),
          QStringLiteral("With TABLE: exact sizes, dead rows, use and vacuum of each partition; waits for locks.")}},
        partitions,
        1};
}

} // namespace tidemark::cli
