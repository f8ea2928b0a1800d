// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json.h"
#include "app/cli/partitionstatistics.h"
#include "app/cli/target.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/units.h"

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

QString stateOf(const Partition &partition)
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
        words << QStringLiteral("partitioned");
    return words.join(QStringLiteral(", "));
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

bool printPartitionsOf(const Context &context, const Servers &servers, const pg::QualifiedName &wanted)
{
    bool found = false;
    for (const auto &server : servers) {
        for (const auto &[name, database] : server->databases) {
            if (!database->partitions)
                continue;
            for (const auto &parent : database->partitions->tables) {
                if (parent->name.name != wanted.name
                    || (!wanted.schema.isEmpty() && parent->name.schema != wanted.schema))
                    continue;
                found = true;
                if (servers.size() > 1)
                    context.out << server->name << '/' << name << ":\n";
                TextTable table({{QStringLiteral("PARTITION")},
                                 {QStringLiteral("BOUND")},
                                 {QStringLiteral("STATE")},
                                 {QStringLiteral("SIZE"), Align::Right},
                                 {QStringLiteral("ROWS"), Align::Right}});
                for (const Partition &partition : parent->partitions) {
                    table.add({QString(2 * (partition.level - 1), QLatin1Char(' ')) + partition.name.display(),
                               partition.boundText, stateOf(partition), units::knownBytes(partition.bytesEstimate),
                               rowsOf(partition.rowsEstimate)});
                }
                table.print(context.out);
                for (const PartitionGap &gap : parent->gaps)
                    context.out << "gap from " << gap.from.text << " to " << gap.to.text << '\n';
                context.out.flush();
            }
        }
    }
    return found;
}

ExitCode partitions(const Context &context)
{
    const QString wanted = context.arguments.value(0);
    const auto name = pg::QualifiedName::parse(wanted);
    if (!wanted.isEmpty() && !name)
        return context.fail(Error::input(QStringLiteral("'%1' is not a table name").arg(wanted)));
    const bool withStatistics = context.options.isSet(QStringLiteral("statistics"));
    if (withStatistics && !name)
        return context.fail(Error::input(QStringLiteral("--statistics is about one table: name it"),
                                         QStringLiteral("Write it as: partitions TABLE --statistics")));
    const Look look = lookAtAll(context);
    if (withStatistics)
        return printPartitionStatistics(context, look, *name);
    if (context.json) {
        const bool withPartitions = context.options.isSet(QStringLiteral("all")) || name.has_value();
        look.print(context, QStringLiteral("parents"), parentsJson(look.servers, withPartitions));
        return look.exitCode;
    }
    if (!name) {
        printParents(context, look);
        return look.exitCode;
    }
    if (!printPartitionsOf(context, look.servers, *name) && look.exitCode == ExitCode::Done)
        return context.fail(Error::missing(QStringLiteral("no partitioned table is named %1").arg(name->display())));
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
        partitions};
}

} // namespace tidemark::cli
