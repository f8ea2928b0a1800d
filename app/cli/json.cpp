// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json.h"

#include "app/cli/wantedtrees.h"

namespace tidemark::cli {

namespace {

QJsonObject named(const ServerSnapshot &server, const QString &database, const pg::QualifiedName &name)
{
    return {
        {QStringLiteral("server"), server.name},
        {QStringLiteral("database"), database},
        {QStringLiteral("schema"), name.schema},
        {QStringLiteral("name"), name.name},
    };
}

QJsonValue orNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue() : QJsonValue(text);
}

QJsonObject refreshableJson(const ServerSnapshot &server, const DatabaseSnapshot &database, const Refreshable &row)
{
    const auto breached = isBreached(row, database.takenAt);
    const auto &bracket = row.lastRefresh.bracket;
    QJsonObject json = named(server, database.name, row.name);
    json.insert(QStringLiteral("kind"), toWord(row.kind));
    json.insert(QStringLiteral("status"), toWord(freshnessStatus(row, database.takenAt)));
    json.insert(QStringLiteral("last_refresh_at"), jsonOf(row.lastRefresh.at));
    json.insert(QStringLiteral("confidence"), toWord(row.lastRefresh.confidence));
    json.insert(QStringLiteral("refresh_source"), toWord(row.lastRefresh.source));
    json.insert(QStringLiteral("bracket_from"), bracket ? QJsonValue(toIso8601(bracket->from)) : QJsonValue());
    json.insert(QStringLiteral("bracket_to"), bracket ? QJsonValue(toIso8601(bracket->to)) : QJsonValue());
    json.insert(QStringLiteral("probable"), row.lastRefresh.probable);
    json.insert(QStringLiteral("last_changed_at"), jsonOf(row.lastChangedAt));
    json.insert(QStringLiteral("last_duration_ms"), jsonOf(row.lastDuration));
    json.insert(QStringLiteral("source_changes"), jsonOf(row.sourceChanges));
    json.insert(QStringLiteral("judged"), whyNotJudged(row).isEmpty());
    json.insert(QStringLiteral("not_judged_because"), orNull(whyNotJudged(row)));
    json.insert(QStringLiteral("judged_up_to"),
                jsonOf(judgedUpTo(row, database.capabilities.major(), database.takenAt)));
    json.insert(QStringLiteral("populated"), row.populated);
    json.insert(QStringLiteral("concurrently_eligible"), row.concurrently.eligible);
    json.insert(QStringLiteral("not_eligible_because"), orNull(row.concurrently.reason));
    json.insert(QStringLiteral("refreshing"), row.running.has_value());
    json.insert(QStringLiteral("refreshing_since"),
                row.running ? QJsonValue(toIso8601(row.running->startedAt)) : QJsonValue());
    json.insert(QStringLiteral("expected_duration_ms"), row.running ? jsonOf(row.running->expected) : QJsonValue());
    json.insert(QStringLiteral("refreshing_pid"),
                row.running && row.running->pid ? QJsonValue(*row.running->pid) : QJsonValue());
    json.insert(QStringLiteral("schedule"), orNull(row.schedule));
    json.insert(QStringLiteral("next_scheduled_at"), jsonOf(row.nextScheduled));
    json.insert(QStringLiteral("target_ms"), jsonOf(row.target));
    json.insert(QStringLiteral("breached"), breached ? QJsonValue(*breached) : QJsonValue());
    json.insert(QStringLiteral("bytes"), row.bytesEstimate < 0 ? QJsonValue() : QJsonValue(row.bytesEstimate));
    json.insert(QStringLiteral("rows_estimate"), row.rowsEstimate < 0 ? QJsonValue() : QJsonValue(row.rowsEstimate));
    if (row.aggregate) {
        const auto ranges = [](const auto &list) {
            QJsonArray array;
            for (const auto &range : list) {
                array.append(QJsonObject{{QStringLiteral("from"), toIso8601(range.from)},
                                         {QStringLiteral("to"), toIso8601(range.to)}});
            }
            return array;
        };
        json.insert(QStringLiteral("watermark"), jsonOf(row.aggregate->watermark));
        json.insert(QStringLiteral("tail_lag_ms"), jsonOf(row.aggregate->tailLag));
        json.insert(QStringLiteral("invalid_ranges"), ranges(row.aggregate->invalidRanges));
        json.insert(QStringLiteral("running_ranges"), ranges(row.aggregate->runningRanges));
        json.insert(QStringLiteral("policy"), orNull(row.aggregate->policy));
    }
    return json;
}

QJsonObject partitionJson(const Partition &partition)
{
    const auto known = [](qint64 value) { return value < 0 ? QJsonValue() : QJsonValue(value); };
    return {
        {QStringLiteral("schema"), partition.name.schema},
        {QStringLiteral("name"), partition.name.name},
        {QStringLiteral("level"), partition.level},
        {QStringLiteral("leaf"), partition.isLeaf},
        {QStringLiteral("bound"), partition.boundText},
        {QStringLiteral("from"), orNull(boundDisplay(partition.from))},
        {QStringLiteral("to"), orNull(boundDisplay(partition.to))},
        {QStringLiteral("default"), partition.isDefault},
        {QStringLiteral("detach_pending"), partition.detachPending},
        {QStringLiteral("foreign"), partition.isForeign},
        {QStringLiteral("compressed"), partition.compressed},
        {QStringLiteral("frozen"), partition.frozen},
        {QStringLiteral("bytes"), known(partition.treeBytes)},
        {QStringLiteral("uncompressed_bytes"), jsonOf(partition.uncompressedBytes)},
        {QStringLiteral("rows_estimate"), known(partition.treeRows)},
    };
}

QJsonObject gapJson(const PartitionGap &gap)
{
    QJsonObject json{{QStringLiteral("from"), orNull(boundDisplay(gap.from))},
                     {QStringLiteral("to"), orNull(boundDisplay(gap.to))}};
    if (gap.hash) {
        json.insert(QStringLiteral("modulus"), gap.hash->modulus);
        json.insert(QStringLiteral("remainder"), gap.hash->remainder);
        json.insert(QStringLiteral("remainders"), gap.hash->count);
        json.insert(QStringLiteral("step"), gap.hash->step);
    }
    return json;
}

QJsonObject partyJson(const LockParty &party)
{
    return {
        {QStringLiteral("pid"), party.pid == 0 ? QJsonValue() : QJsonValue(party.pid)},
        {QStringLiteral("prepared_transaction"), orNull(party.preparedGid)},
        {QStringLiteral("application_name"), orNull(party.applicationName)},
        {QStringLiteral("user"), orNull(party.user)},
        {QStringLiteral("database"), orNull(party.database)},
        {QStringLiteral("state"), orNull(party.state)},
        {QStringLiteral("query"), orNull(party.query)},
    };
}

QJsonValue sinceMs(const std::optional<Instant> &since, Instant now)
{
    return since ? QJsonValue(static_cast<qint64>(millisBetween(*since, now).count())) : QJsonValue();
}

QJsonObject edgeJson(const ServerSnapshot &server, const LockSnapshot &locks, const LockEdge &edge)
{
    const LockParty &waiter = locks.parties[static_cast<std::size_t>(edge.waiter)];
    const LockParty &blocker = locks.parties[static_cast<std::size_t>(edge.blocker)];
    QJsonObject waits = partyJson(waiter);
    waits.insert(QStringLiteral("waiting_ms"), sinceMs(waiter.waitingSince, locks.takenAt));
    waits.insert(QStringLiteral("mode"), orNull(waiter.wantedMode));
    // A tuple's or a transaction's lock has an object that is no relation's name.
    const bool isRelation = waiter.lockType == QLatin1String("relation");
    waits.insert(QStringLiteral("relation"), isRelation ? orNull(waiter.object) : QJsonValue());
    waits.insert(QStringLiteral("object"), orNull(waiter.object));
    waits.insert(QStringLiteral("lock_type"), orNull(waiter.lockType));
    QJsonObject blocks = partyJson(blocker);
    blocks.insert(QStringLiteral("xact_ms"), sinceMs(blocker.xactStart, locks.takenAt));
    blocks.insert(QStringLiteral("held_mode"), orNull(blocker.heldMode));
    return {{QStringLiteral("server"), server.name},
            {QStringLiteral("soft"), edge.soft},
            {QStringLiteral("waiter"), waits},
            {QStringLiteral("blocker"), blocks}};
}

} // namespace

QJsonValue jsonOf(const std::optional<Instant> &instant)
{
    return instant ? QJsonValue(toIso8601(*instant)) : QJsonValue();
}

QJsonValue jsonOf(const std::optional<Millis> &duration)
{
    return duration ? QJsonValue(static_cast<qint64>(duration->count())) : QJsonValue();
}

QJsonValue jsonOf(const std::optional<qint64> &number)
{
    return number ? QJsonValue(*number) : QJsonValue();
}

QJsonArray refreshablesJson(const Servers &servers, const WantedName &wanted)
{
    QJsonArray rows;
    for (const auto &server : servers) {
        for (const auto &[name, database] : server->databases) {
            if (!database->freshness)
                continue;
            for (const Refreshable &row : database->freshness->refreshables) {
                if (wanted.fits(row.name))
                    rows.append(refreshableJson(*server, *database, row));
            }
        }
    }
    return rows;
}

QJsonArray parentsJson(const Servers &servers, const WantedName &wanted, bool withPartitions)
{
    QJsonArray rows;
    for (const auto &server : servers) {
        for (const auto &[name, database] : server->databases) {
            for (const auto &table : treesOf(*database, wanted)) {
                QJsonObject json = named(*server, name, table->name);
                QJsonArray gaps;
                for (const PartitionGap &gap : table->gaps)
                    gaps.append(gapJson(gap));
                json.insert(QStringLiteral("kind"), toWord(table->kind));
                json.insert(QStringLiteral("strategy"), toWord(table->strategy));
                json.insert(QStringLiteral("key"), table->keyText);
                json.insert(QStringLiteral("managed_by"), orNull(table->managedBy));
                json.insert(QStringLiteral("interval"), orNull(table->intervalText));
                const auto known = [](qint64 value) { return value < 0 ? QJsonValue() : QJsonValue(value); };
                json.insert(QStringLiteral("total_bytes"), known(table->totalBytes));
                json.insert(QStringLiteral("unknown_sizes"), table->unknownSizes);
                json.insert(QStringLiteral("uncompressed_bytes"), jsonOf(table->totalUncompressedBytes));
                json.insert(QStringLiteral("rows_estimate"), known(table->rowsEstimate));
                json.insert(QStringLiteral("parent_rows"),
                            table->parentRows ? known(*table->parentRows) : QJsonValue());
                json.insert(QStringLiteral("partitions"), table->leafCount);
                json.insert(QStringLiteral("compressed"), table->compressedCount);
                json.insert(QStringLiteral("default_rows"),
                            table->defaultRows ? known(*table->defaultRows) : QJsonValue());
                json.insert(QStringLiteral("gaps"), gaps);
                json.insert(QStringLiteral("overlaps"), static_cast<qint64>(table->overlaps.size()));
                json.insert(QStringLiteral("runs_out"), table->runsOut);
                json.insert(QStringLiteral("runway_until"), jsonOf(table->runwayUntil));
                json.insert(QStringLiteral("problem"), orNull(table->problem));
                if (withPartitions) {
                    QJsonArray partitions;
                    for (const Partition &partition : table->partitions)
                        partitions.append(partitionJson(partition));
                    json.insert(QStringLiteral("children"), partitions);
                }
                rows.append(json);
            }
        }
    }
    return rows;
}

QJsonArray lockEdgesJson(const Servers &servers)
{
    QJsonArray rows;
    for (const auto &server : servers) {
        if (!server->locks)
            continue;
        for (const LockEdge &edge : server->locks->edges)
            rows.append(edgeJson(*server, *server->locks, edge));
    }
    return rows;
}

QJsonArray jobsJson(const Servers &servers)
{
    QJsonArray rows;
    for (const auto &server : servers) {
        for (const auto &[name, database] : server->databases) {
            if (!database->jobs)
                continue;
            for (const Job &job : *database->jobs) {
                rows.append(QJsonObject{
                    {QStringLiteral("server"), server->name},
                    {QStringLiteral("database"), job.database.isEmpty() ? name : job.database},
                    {QStringLiteral("scheduler"), toWord(job.scheduler)},
                    {QStringLiteral("id"), job.id},
                    {QStringLiteral("name"), orNull(job.name)},
                    {QStringLiteral("schedule"), job.schedule},
                    {QStringLiteral("command"), job.command},
                    {QStringLiteral("user"), orNull(job.user)},
                    {QStringLiteral("active"), job.active},
                    {QStringLiteral("running"), job.running},
                    {QStringLiteral("last_started_at"), jsonOf(job.lastStartedAt)},
                    {QStringLiteral("last_finished_at"), jsonOf(job.lastFinishedAt)},
                    {QStringLiteral("last_succeeded"),
                     job.lastSucceeded ? QJsonValue(*job.lastSucceeded) : QJsonValue()},
                    {QStringLiteral("last_message"), orNull(job.lastMessage)},
                    {QStringLiteral("next_start_at"), jsonOf(job.nextStart)},
                    {QStringLiteral("total_runs"), job.totalRuns},
                    {QStringLiteral("total_failures"), job.totalFailures},
                });
            }
        }
    }
    return rows;
}

QJsonArray serversJson(const Servers &servers)
{
    QJsonArray rows;
    for (const auto &server : servers) {
        QJsonArray databases;
        QString serverVersion;
        for (const auto &[name, database] : server->databases) {
            QJsonObject json{
                {QStringLiteral("name"), name},
                {QStringLiteral("connected"), database->state == WatchState::Live},
                {QStringLiteral("error"), database->error ? QJsonValue(database->error->summary()) : QJsonValue()}};
            if (database->state == WatchState::Live)
                serverVersion = database->capabilities.serverVersionText;
            int breached = 0;
            int refreshing = 0;
            const bool hasFreshness = database->freshness != nullptr;
            if (hasFreshness) {
                for (const Refreshable &row : database->freshness->refreshables) {
                    breached += isBreached(row, database->takenAt).value_or(false) ? 1 : 0;
                    refreshing += row.running ? 1 : 0;
                }
            }
            json.insert(QStringLiteral("refreshables"),
                        hasFreshness ? QJsonValue(static_cast<qint64>(database->freshness->refreshables.size()))
                                     : QJsonValue());
            json.insert(QStringLiteral("breached"), hasFreshness ? QJsonValue(breached) : QJsonValue());
            json.insert(QStringLiteral("refreshing"), hasFreshness ? QJsonValue(refreshing) : QJsonValue());
            json.insert(QStringLiteral("partitioned_tables"),
                        database->partitions ? QJsonValue(static_cast<qint64>(database->partitions->tables.size()))
                                             : QJsonValue());
            databases.append(json);
        }
        rows.append(QJsonObject{
            {QStringLiteral("server"), server->name},
            {QStringLiteral("environment"), server->environment},
            {QStringLiteral("server_version"), orNull(serverVersion)},
            {QStringLiteral("taken_at"),
             server->databases.empty() ? QJsonValue() : QJsonValue(toIso8601(server->takenAt))},
            {QStringLiteral("waiters"), server->locks ? QJsonValue(server->locks->waiterCount) : QJsonValue()},
            {QStringLiteral("longest_chain"), server->locks ? QJsonValue(longestChain(*server->locks)) : QJsonValue()},
            {QStringLiteral("tick_server_ms"), server->overhead.lastTickServerMs},
            {QStringLiteral("tick_bytes"), server->overhead.lastTickBytes},
            {QStringLiteral("databases"), databases},
        });
    }
    return rows;
}

QJsonObject errorJson(const Error &error)
{
    return {{QStringLiteral("server"), QJsonValue()},     {QStringLiteral("database"), QJsonValue()},
            {QStringLiteral("part"), QJsonValue()},       {QStringLiteral("kind"), errorKindName(error.kind)},
            {QStringLiteral("message"), error.summary()}, {QStringLiteral("hint"), orNull(error.hint)}};
}

QJsonArray errorsJson(const Servers &servers)
{
    QJsonArray rows;
    const auto add = [&](const ServerSnapshot &server, const QString &database, const QString &part,
                         const Error &error) {
        QJsonObject row = errorJson(error);
        row.insert(QStringLiteral("server"), server.name);
        row.insert(QStringLiteral("database"), orNull(database));
        row.insert(QStringLiteral("part"), part);
        rows.append(row);
    };
    for (const auto &server : servers) {
        if (server->databases.empty() && server->error)
            add(*server, {}, QStringLiteral("connection"), *server->error);
        for (const auto &[name, database] : server->databases) {
            if (database->error)
                add(*server, name, QStringLiteral("connection"), *database->error);
            for (auto error = database->errors.cbegin(); error != database->errors.cend(); ++error)
                add(*server, name, error.key(), error.value());
        }
    }
    return rows;
}

QJsonObject refreshJson(const QString &server, const QString &database, const RefreshEvent &event)
{
    return {
        {QStringLiteral("server"), server},
        {QStringLiteral("database"), database},
        {QStringLiteral("schema"), event.name.schema},
        {QStringLiteral("name"), event.name.name},
        {QStringLiteral("kind"), toWord(event.kind)},
        {QStringLiteral("started_at"), jsonOf(event.startedAt)},
        {QStringLiteral("finished_at"), jsonOf(event.finishedAt)},
        {QStringLiteral("bracket_from"),
         event.finishedBracket ? QJsonValue(toIso8601(event.finishedBracket->from)) : QJsonValue()},
        {QStringLiteral("bracket_to"),
         event.finishedBracket ? QJsonValue(toIso8601(event.finishedBracket->to)) : QJsonValue()},
        {QStringLiteral("duration_ms"), jsonOf(event.duration)},
        {QStringLiteral("rows"), jsonOf(event.rows)},
        {QStringLiteral("result"), event.succeeded ? QStringLiteral("succeeded") : QStringLiteral("failed")},
        {QStringLiteral("error"), orNull(event.error)},
        {QStringLiteral("user"), orNull(event.user)},
        {QStringLiteral("concurrently"), event.concurrently},
        {QStringLiteral("confidence"), toWord(event.confidence)},
        {QStringLiteral("probable"), event.probable},
        {QStringLiteral("source"), toWord(event.source)},
        {QStringLiteral("source_detail"), orNull(event.sourceDetail)},
    };
}

} // namespace tidemark::cli
