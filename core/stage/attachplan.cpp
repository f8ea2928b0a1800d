// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/attachplan.h"

#include "core/base/units.h"
#include "core/ddl/identifiers.h"
#include "core/stage/attachddl.h"
#include "core/stage/preflight.h"
#include "core/stage/shadowddl.h"
#include "core/stage/shadowparts.h"
#include "core/stage/stagesteps.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark::stage {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(AttachPlan)
};

/// Divides what is to come: the old table reaches to the end of the interval after the one that holds the newest row and
/// now, so that nobody writes beyond it before the exchange; what begins there are the later partitions.
Status divide(pg::Session &session, const StageSpec &spec, const TableInventory &source, ShadowSpec &shadow,
              const pg::CallOptions &call)
{
    const TableColumn *key = source.column(spec.keyColumn);
    if (key == nullptr)
        return fail(Error::missing(QStringLiteral("%1 has no column “%2”").arg(spec.table.display(), spec.keyColumn)));
    TIDEMARK_TRY(const auto extremes, readExtremes(session, source.facts.name, spec.keyColumn, call));
    TIDEMARK_TRY(const auto now, session.exec("SELECT pg_catalog.now()", {}, call));
    PartitionPlan plan;
    plan.keyType = key->type;
    plan.step = spec.step;
    plan.now = now.instant(0, 0).value_or(Instant());
    if (spec.step.unit == StepUnit::Integer)
        plan.lowest = plan.highest = extremes.second;
    else if (const auto newest = parseTimestamp(extremes.second))
        plan.now = std::max(plan.now, *newest);
    plan.premake = std::max(spec.premake, 1) + 1;
    if (!spec.timeZone.isEmpty())
        plan.zone = QTimeZone(spec.timeZone.toUtf8());
    plan.tableName = source.facts.name.name;
    plan.withDefault = spec.withDefault;
    TIDEMARK_TRY(std::vector<ShadowPartition> partitions, planPartitions(plan));
    std::size_t ofHistory = 0;
    while (ofHistory < 2 && ofHistory < partitions.size() && !partitions.at(ofHistory).isDefault)
        shadow.historyTo = partitions.at(ofHistory++).to;
    shadow.partitions.assign(partitions.begin() + qsizetype(ofHistory), partitions.end());
    return {};
}

Check isFree(const pg::QualifiedName &name)
{
    return {QStringLiteral("SELECT pg_catalog.to_regclass(%1) IS NULL").arg(pg::quoteLiteral(name.quoted())),
            Words::tr("there is a relation %1 already").arg(name.display())};
}

void addPreparing(std::vector<Step> &steps, const TableInventory &source, const ShadowSpec &shadow)
{
    const pg::QualifiedName &table = source.facts.name;
    QStringList create = createShadow(source, shadow);
    create << attachPartitions(source, shadow);
    for (const IndexBuild &build : buildIndexes(source, shadow))
        create << build.statements;
    create << parentIndexes(source, shadow) << finishShadow(source, shadow);
    Step made = sqlStep("create", Words::tr("Create the new table and its later partitions"), create,
                        dropShadow(source, shadow));
    made.checks = {isFree({table.schema, shadow.retiredName})};
    steps.push_back(made);

    int number = 0;
    for (const KeyIndex &key : keyIndexes(source, shadow)) {
        Step build = sqlStep(("key_" + QByteArray::number(++number)).constData(),
                             Words::tr("Build %1, which contains the partition key").arg(key.name.display()),
                             {key.create}, {key.drop});
        build.transaction = build.undoTransaction = StepTransaction::None;
        build.satisfied = key.ready;
        build.cleanup = {key.drop};
        steps.push_back(build);
    }
    Step bounds = sqlStep("bounds", Words::tr("Let the table take no rows beyond its bound"),
                          {addBoundsCheck(source, shadow)}, {dropBoundsCheck(source)});
    bounds.risk = Risk::Medium;
    bounds.locks = bounds.undoLocks = {{table, LockMode::AccessExclusive}};
    steps.push_back(bounds);
    steps.push_back(sqlStep("prove", Words::tr("Prove that every row is within it"), {validateBoundsCheck(source)}));
}

Step swapStep(const TableInventory &source, const ShadowSpec &shadow)
{
    const pg::QualifiedName &table = source.facts.name;
    const pg::QualifiedName history{table.schema, shadow.retiredName};
    Step swapping = actionStep("swap", "stage.swap",
                               Words::tr("Attach %1 to the new table, which gets its name").arg(table.display()), {});
    swapping.risk = Risk::High;
    swapping.hold = true;
    swapping.locks = swapping.undoLocks = stepLocks(swapLocks(source, shadow));
    for (StepLock &lock : swapping.undoLocks) {
        if (lock.relation.name == shadow.shadowName && lock.relation.schema == table.schema)
            lock.relation = history;
    }
    swapping.checks = {
        {boundsAreProven(source), Words::tr("the check that proves the bounds is gone: ATTACH would read "
                                            "the whole table under its lock")}};
    qsizetype indexes = qsizetype(source.indexes.size());
    for (const KeyIndex &key : keyIndexes(source, shadow))
        swapping.checks.push_back({key.ready, Words::tr("the index %1 is not there").arg(key.name.display())});
    for (const TableIndex &index : source.indexes)
        indexes += index.isValid && !index.isPrimary && gainsKey(index, shadow) ? 1 : 0;
    swapping.statements = attachTable(source, shadow);
    swapping.undo = detachTable(source, shadow);
    swapping.verify = {
        {QStringLiteral("SELECT pg_catalog.count(*) = %1 FROM pg_catalog.pg_index AS i WHERE i.indrelid = "
                        "pg_catalog.to_regclass(%2)")
             .arg(indexes)
             .arg(pg::quoteLiteral(history.quoted())),
         Words::tr("the old table has no index for one of the new table's, ATTACH would have built it under its lock")},
        {QStringLiteral("SELECT COALESCE(pg_catalog.bool_and(i.indisvalid), true) FROM pg_catalog.pg_index AS i WHERE "
                        "i.indrelid = pg_catalog.to_regclass(%1)")
             .arg(pg::quoteLiteral(table.quoted())),
         Words::tr("an index of the new table does not cover all its partitions")}};
    return swapping;
}

void addSwapping(std::vector<Step> &steps, const TableInventory &source, const ShadowSpec &shadow)
{
    addSettlingBack(steps, finishDetach(source, shadow), source);
    steps.push_back(swapStep(source, shadow));
    // Nothing to do forwards; backwards it comes before the exchange.
    if (const QStringList rebuild = rebuildKey(source, shadow); !rebuild.isEmpty()) {
        Step key = sqlStep("key_back", Words::tr("On the way back: build the old primary key"), {}, rebuild);
        key.undoTransaction = StepTransaction::None;
        steps.push_back(key);
    }
    if (const QStringList finish = finishAttach(source, shadow); !finish.isEmpty()) {
        Step validate = actionStep("validate", "parallel", Words::tr("Validate the foreign keys"), {});
        validate.statements = finish;
        validate.risk = Risk::Low;
        steps.push_back(validate);
    }
}

void addRetiring(std::vector<Step> &steps, const TableInventory &source, const ShadowSpec &shadow)
{
    Step last = sqlStep("retire", Words::tr("Give up the way back"), {});
    last.risk = Risk::High;
    last.hold = true;
    last.pointOfNoReturn = true;
    steps.push_back(last);
    addDrops(steps, retire(source, shadow) << dropOldKeys(source, shadow));
}

/// A key that is built has one column more than the one it stands beside.
Result<Needs> readNeeds(pg::Session &session, const TableInventory &source, const ShadowSpec &shadow,
                        const pg::CallOptions &call)
{
    std::vector<quint32> keys;
    for (const TableIndex &index : source.indexes) {
        if (index.isValid && gainsKey(index, shadow))
            keys.push_back(index.oid);
    }
    TIDEMARK_TRY(const auto rows, session.exec("SELECT COALESCE(sum(pg_catalog.pg_relation_size(i)), 0)::int8 "
                                               "FROM pg_catalog.unnest($1::oid[]) AS i",
                                               {pg::Param::array(keys)}, call));
    const qint64 bytes = rows.int64(0, 0) * 3 / 2;
    return Needs{bytes, bytes};
}

QStringList notesOf(const TableInventory &source, const ShadowSpec &shadow, const std::vector<Obstacle> &obstacles)
{
    QStringList notes;
    notes << Words::tr("%1: %2 in about %3 rows, which stay where they are, as partition %4.")
                 .arg(source.facts.name.display(), units::bytes(source.facts.bytes),
                      units::count(std::max<qint64>(source.facts.rowEstimate, 0)),
                      pg::QualifiedName{source.facts.name.schema, shadow.retiredName}.display());
    for (const Obstacle &obstacle : obstacles)
        notes << QStringLiteral("%1: %2").arg(obstacle.object, obstacle.why);
    return notes;
}

} // namespace

Result<StagePlan> planAttach(pg::Session &session, const StageSpec &spec, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const TableInventory source, readTableInventory(session, spec.table, call));
    ShadowSpec shadow;
    shadow.shape = spec.shape;
    shadow.keyColumn = spec.keyColumn;
    shadow.attach = true;
    shadow.shadowName = ddl::madeName(source.facts.name.name, QStringLiteral("_tidemark_new"));
    shadow.retiredName = ddl::madeName(source.facts.name.name, QStringLiteral("_history"));
    if (spec.shape == ShadowShape::Native)
        TIDEMARK_CHECK(divide(session, spec, source, shadow, call));

    StagePlan planned;
    planned.bytes = source.facts.bytes;
    planned.rowEstimate = source.facts.rowEstimate;
    planned.partitions = shadow.partitions.size() + 1;
    planned.obstacles = findObstacles(source, shadow);
    TIDEMARK_TRY(const Needs needs, readNeeds(session, source, shadow, call));
    planned.diskNeeded = needs.disk;
    if (const auto disk = diskObstacle(spec, needs))
        planned.obstacles.insert(planned.obstacles.begin(), *disk);
    TIDEMARK_TRY(planned.findings, findRisks(session, spec, source, needs, call));
    if (!planned.blocking(spec.waivers).empty())
        return planned;

    TIDEMARK_TRY(const auto capabilities, pg::Capabilities::probe(session, call));
    Plan plan;
    plan.kind = QStringLiteral("stage");
    plan.title = Words::tr("Partition %1 by %2, without a copy").arg(spec.table.display(), spec.keyColumn);
    plan.target = PlanTarget::of(capabilities);
    plan.spec = spec.toJson();
    plan.notes = notesOf(source, shadow, planned.obstacles);
    addPreparing(plan.steps, source, shadow);
    QStringList added{boundsCheckName()};
    for (const KeyIndex &key : keyIndexes(source, shadow))
        added << key.name.name;
    plan.steps.push_back(fidelityStep(source, shadow, spec.waivers, false, added));
    addSwapping(plan.steps, source, shadow);
    ddl::addViewRebuilds(plan.steps, ddl::rebuildViews(source));
    plan.steps.push_back(fidelityStep(source, shadow, spec.waivers, true));
    addRetiring(plan.steps, source, shadow);
    TIDEMARK_TRY(planned.waits, whatStepsWaitFor(session, plan, call.stop));
    planned.plan = std::move(plan);
    return planned;
}

} // namespace tidemark::stage
