// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/units.h"
#include "core/capture/capturecatalog.h"
#include "core/capture/capturejson.h"
#include "core/capture/capturesql.h"
#include "core/ddl/identifiers.h"
#include "core/stage/attachplan.h"
#include "core/stage/copyaction.h"
#include "core/stage/fidelityaction.h"
#include "core/stage/preflight.h"
#include "core/stage/shadowddl.h"
#include "core/stage/snapshotfence.h"
#include "core/stage/stagespec.h"
#include "core/stage/stagesteps.h"
#include "core/stage/swapaction.h"
#include "core/stage/swapddl.h"
#include "core/stage/verifyaction.h"

#include <algorithm>

namespace tidemark::stage {

namespace {

/// All that the steps are made from.
struct Material
{
    TableInventory source;
    ShadowSpec shadow;
    ReconcileSpec forward; ///< from the table to the shadow, until the swap
    ReconcileSpec back;    ///< from the new table to the retired one, after it
    StageSpec asked;
};

pg::QualifiedName shadowName(const Material &material)
{
    return {material.source.facts.name.schema, material.shadow.shadowName};
}

Result<std::vector<ShadowPartition>> partitionsFor(pg::Session &session, const StageSpec &spec,
                                                   const TableInventory &source, const pg::CallOptions &call)
{
    const TableColumn *key = source.column(spec.keyColumn);
    if (key == nullptr) {
        return fail(Error::missing(QStringLiteral("%1 has no column “%2”").arg(spec.table.display(), spec.keyColumn)));
    }
    TIDEMARK_TRY(const auto extremes, readExtremes(session, source.facts.name, spec.keyColumn, call));
    TIDEMARK_TRY(const auto now, session.exec("SELECT pg_catalog.now()", {}, call));
    PartitionPlan plan;
    plan.keyType = key->type;
    plan.step = spec.step;
    plan.lowest = extremes.first;
    plan.highest = extremes.second;
    plan.now = now.instant(0, 0).value_or(Instant());
    plan.premake = spec.premake;
    if (!spec.timeZone.isEmpty())
        plan.zone = QTimeZone(spec.timeZone.toUtf8());
    plan.tableName = source.facts.name.name;
    plan.withDefault = spec.withDefault;
    return planPartitions(plan);
}

/// The unique key that changes are captured by, and the partition key with it: it says in which partition a row was.
QStringList captureKey(const StageSpec &spec, const CaptureSpec &best, const TableInventory &source)
{
    QStringList key;
    for (const KeyColumn &column : best.key)
        key << column.name;
    const TableColumn *partitionKey = source.column(spec.keyColumn);
    if (spec.shape != ShadowShape::Same && partitionKey && partitionKey->notNull && !key.contains(spec.keyColumn))
        key << spec.keyColumn;
    return key;
}

Result<Material> gather(pg::Session &session, const StageSpec &spec, const pg::CallOptions &call)
{
    Material material;
    material.asked = spec;
    TIDEMARK_TRY(material.source, readTableInventory(session, spec.table, call));
    const QString table = material.source.facts.name.name;
    material.shadow.shape = spec.shape;
    material.shadow.keyColumn = spec.keyColumn;
    material.shadow.shadowName = ddl::madeName(table, QStringLiteral("_tidemark_new"));
    material.shadow.retiredName = ddl::madeName(table, QStringLiteral("_tidemark_old"));
    if (spec.shape == ShadowShape::Native) {
        TIDEMARK_TRY(material.shadow.partitions, partitionsFor(session, spec, material.source, call));
    } else if (spec.shape == ShadowShape::Hypertable) {
        material.shadow.chunkInterval = stepText(spec.step);
    }

    const QString oid = QString::number(material.source.facts.oid);
    TIDEMARK_TRY(const CaptureSpec best,
                 readCaptureSpec(session, spec.table, QStringLiteral("stage_") + oid, spec.captureKey, call));
    TIDEMARK_TRY(material.forward.capture,
                 readCaptureSpec(session, spec.table, best.name, captureKey(spec, best, material.source), call));
    TIDEMARK_TRY(const auto columns, readRowColumns(session, spec.table, call));
    material.forward.target = shadowName(material);
    material.forward.columns = namesOf(columns);
    material.forward.skipEqual = spec.capture == CaptureMode::Mirror;

    material.back = material.forward;
    material.back.capture.name = QStringLiteral("return_") + oid;
    material.back.capture.partitions.clear();
    if (spec.shape == ShadowShape::Native)
        material.back.capture.partitions = copyTargets(material.source, material.shadow);
    if (spec.shape == ShadowShape::Hypertable) {
        material.back.capture.flavour = CaptureFlavour::Row;
        material.back.capture.always = false;
    }
    material.back.target = {material.source.facts.name.schema, material.shadow.retiredName};
    material.back.skipEqual = false;
    return material;
}

/// The capture of the way back is made on the shadow while nobody uses it, and goes with it under the other name.
CaptureSpec returnOnShadow(const Material &material)
{
    CaptureSpec spec = material.back.capture;
    spec.source = shadowName(material);
    return spec;
}

/// Against old snapshots on the table that comes in: the new one by the swap, the old one by the way back.
SnapshotFence fenceOf(const CaptureSpec &capture)
{
    return SnapshotFence(capture.name);
}

void addPreparing(std::vector<Step> &steps, const Material &material)
{
    const pg::QualifiedName &table = material.source.facts.name;
    QStringList create = createShadow(material.source, material.shadow);
    create << attachPartitions(material.source, material.shadow);
    steps.push_back(sqlStep("create", QStringLiteral("Create the new table"), create,
                            dropShadow(material.source, material.shadow)));
    const SnapshotFence backFence = fenceOf(material.back.capture);
    steps.push_back(sqlStep("install_capture", QStringLiteral("Create the log of changed keys"),
                            capturesql::install(material.forward.capture) + backFence.install(),
                            backFence.uninstall() + capturesql::uninstall(material.forward.capture)));
    Step capture = sqlStep("capture", QStringLiteral("Capture the keys of changed rows"),
                           capturesql::enable(material.forward.capture),
                           capturesql::disable(material.forward.capture) << backFence.open(table));
    capture.risk = Risk::Medium;
    capture.locks = {{table, LockMode::ShareRowExclusive}};
    capture.undoLocks = {{table, LockMode::AccessExclusive}};
    steps.push_back(capture);
}

void addCopying(std::vector<Step> &steps, const Material &material)
{
    const QJsonObject reconcile{{QStringLiteral("reconcile"), toJson(material.forward)}};
    const CopySpec copy{material.source.facts.name, shadowName(material), material.forward.columns};
    Step copying = actionStep("copy", "stage.copy", QStringLiteral("Copy the rows"), copy.toJson());
    copying.statements = {QString::fromUtf8(CopyAction::chunkSql(copy, material.source.serverVersion))};
    steps.push_back(copying);
    Step indexes = actionStep("indexes", "parallel",
                              QStringLiteral("Take out what changed meanwhile and build the indexes"), {});
    for (const IndexBuild &build : buildIndexes(material.source, material.shadow)) {
        if (!build.statements.isEmpty())
            indexes.statements << (capturesql::purge(material.forward.capture, build.target) + build.statements)
                                      .join(QStringLiteral(";\n"));
    }
    steps.push_back(indexes);
    QStringList finish = parentIndexes(material.source, material.shadow);
    finish << finishShadow(material.source, material.shadow);
    steps.push_back(sqlStep("dress", QStringLiteral("Give the new table grants, comments and statistics"), finish));
    steps.push_back(actionStep("catch_up", "stage.catch_up", QStringLiteral("Catch up with the changes"), reconcile));
    if (material.asked.capture == CaptureMode::Mirror) {
        steps.push_back(sqlStep(
            "mirror", QStringLiteral("Let each change reach the new table at once"),
            capturesql::startMirror(material.forward.capture, {shadowName(material), material.forward.columns, false}),
            capturesql::stopMirror(material.forward.capture)));
    }
}

void addProving(std::vector<Step> &steps, const Material &material)
{
    steps.push_back(fidelityStep(material.source, material.shadow, material.asked.waivers, false));
    Step verify = actionStep("verify", "stage.verify",
                             QStringLiteral("Prove that the contents are equal, and analyse the new table meanwhile"),
                             {{QStringLiteral("reconcile"), toJson(material.forward)}});
    verify.statements = analyzeShadow(material.source, material.shadow);
    steps.push_back(verify);
}

void addSwapping(std::vector<Step> &steps, const Material &material)
{
    const TableInventory &source = material.source;
    QStringList wayBack = capturesql::install(material.back.capture);
    const SnapshotFence fence = fenceOf(material.forward.capture);
    wayBack << capturesql::enable(returnOnShadow(material)) << fence.install();
    QStringList noWayBack = capturesql::disable(returnOnShadow(material));
    noWayBack << fence.open(shadowName(material)) << fence.uninstall() << capturesql::uninstall(material.back.capture);
    steps.push_back(sqlStep("way_back", QStringLiteral("Prepare the way back"), wayBack, noWayBack));

    addSettlingBack(steps, finishSwapBack(source, material.shadow), source);

    Step swapping = actionStep("swap", "stage.swap", QStringLiteral("Swap %1").arg(source.facts.name.display()),
                               {{QStringLiteral("reconcile"), toJson(material.forward)},
                                {QStringLiteral("reconcile_back"), toJson(material.back)}});
    swapping.risk = Risk::High;
    swapping.hold = true;
    swapping.locks = swapping.undoLocks = stepLocks(swapLocks(source, material.shadow));
    // Undo locks the same relations under the names they have then.
    for (StepLock &lock : swapping.undoLocks) {
        if (lock.relation == shadowName(material))
            lock.relation = material.back.target;
    }
    swapping.statements = capturesql::disable(material.forward.capture);
    swapping.statements << swap(source, material.shadow)
                        << QStringLiteral("DELETE FROM ") + material.back.capture.log().quoted()
                        << QStringLiteral("DELETE FROM ") + material.back.capture.truncations().quoted()
                        << fence.close(source.facts.name, material.back.capture.always);
    swapping.undo = swapBack(source, material.shadow);
    swapping.undo << fenceOf(material.back.capture).close(source.facts.name, true);
    steps.push_back(swapping);
}

void addFinishing(std::vector<Step> &steps, const Material &material)
{
    if (const QStringList finish = finishSwap(material.source, material.shadow); !finish.isEmpty()) {
        Step validate = actionStep("validate", "parallel", QStringLiteral("Validate the foreign keys"), {});
        validate.statements = finish;
        validate.risk = Risk::Low;
        steps.push_back(validate);
    }
    ddl::addViewRebuilds(steps, ddl::rebuildViews(material.source));
    steps.push_back(fidelityStep(material.source, material.shadow, material.asked.waivers, true));
}

void addRetiring(std::vector<Step> &steps, const Material &material)
{
    Step stop = sqlStep("retire", QStringLiteral("Let the old table go"), capturesql::disable(material.back.capture));
    stop.action = QStringLiteral("stage.retire");
    stop.parameters = {{QStringLiteral("reconcile_back"), toJson(material.back)}};
    const SnapshotFence fence = fenceOf(material.forward.capture);
    stop.statements << fence.open(material.source.facts.name) << fence.uninstall()
                    << fenceOf(material.back.capture).uninstall() << capturesql::uninstall(material.back.capture)
                    << capturesql::uninstall(material.forward.capture);
    stop.locks = {{material.source.facts.name, LockMode::AccessExclusive}};
    stop.risk = Risk::High;
    stop.hold = true;
    stop.pointOfNoReturn = true;
    steps.push_back(stop);
    addDrops(steps, retire(material.source, material.shadow));
}

QStringList notesOf(const Material &material, const std::vector<Obstacle> &obstacles)
{
    QStringList notes;
    notes << QStringLiteral("%1: %2, about %3 rows; as much again is needed until the old table goes.")
                 .arg(material.source.facts.name.display(), units::bytes(material.source.facts.bytes),
                      units::count(std::max<qint64>(material.source.facts.rowEstimate, 0)));
    QStringList key;
    for (const KeyColumn &column : material.forward.capture.key)
        key << column.name;
    notes << QStringLiteral("Changes are captured by %1.").arg(key.join(QLatin1String(", ")));
    for (const Obstacle &obstacle : obstacles)
        notes << QStringLiteral("%1: %2").arg(obstacle.object, obstacle.why);
    return notes;
}

} // namespace

Result<StagePlan> planStage(pg::Session &session, const StageSpec &spec, const pg::CallOptions &call)
{
    if (spec.strategy == Strategy::Attach)
        return planAttach(session, spec, call);
    TIDEMARK_TRY(const Material material, gather(session, spec, call));
    StagePlan planned;
    planned.bytes = material.source.facts.bytes;
    planned.rowEstimate = material.source.facts.rowEstimate;
    planned.partitions = material.shadow.partitions.size();
    planned.obstacles = findObstacles(material.source, material.shadow);
    const Needs needs{material.source.facts.bytes, material.source.facts.bytes};
    planned.diskNeeded = needs.disk;
    if (const auto disk = diskObstacle(spec, needs))
        planned.obstacles.insert(planned.obstacles.begin(), *disk);
    TIDEMARK_TRY(planned.findings, findRisks(session, spec, material.source, needs, call));
    if (!planned.blocking(spec.waivers).empty())
        return planned;

    TIDEMARK_TRY(const auto capabilities, pg::Capabilities::probe(session, call));
    Plan plan;
    plan.kind = QStringLiteral("stage");
    plan.title = spec.shape == ShadowShape::Same
                     ? QStringLiteral("Rebuild %1").arg(spec.table.display())
                     : QStringLiteral("Partition %1 by %2").arg(spec.table.display(), spec.keyColumn);
    plan.target = PlanTarget::of(capabilities);
    plan.spec = spec.toJson();
    plan.notes = notesOf(material, planned.obstacles);
    addPreparing(plan.steps, material);
    addCopying(plan.steps, material);
    addProving(plan.steps, material);
    addSwapping(plan.steps, material);
    addFinishing(plan.steps, material);
    addRetiring(plan.steps, material);
    TIDEMARK_TRY(planned.waits, whatStepsWaitFor(session, plan, call.stop));
    planned.plan = std::move(plan);
    return planned;
}

Actions stageActions()
{
    Actions actions = basicActions();
    actions.insert(QStringLiteral("stage.copy"), std::make_shared<CopyAction>());
    actions.insert(QStringLiteral("stage.catch_up"), std::make_shared<CatchUpAction>());
    actions.insert(QStringLiteral("stage.verify"), std::make_shared<VerifyAction>());
    actions.insert(QStringLiteral("stage.fidelity"), std::make_shared<FidelityAction>());
    actions.insert(QStringLiteral("stage.swap"), std::make_shared<SwapAction>());
    actions.insert(QStringLiteral("stage.retire"), std::make_shared<RetireAction>());
    return actions;
}

} // namespace tidemark::stage
