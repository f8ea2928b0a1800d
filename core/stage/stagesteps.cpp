// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/stagesteps.h"

#include "core/pg/session.h"

#include <QJsonArray>

namespace tidemark::stage {

std::vector<StepLock> stepLocks(const std::vector<SwapLock> &locks)
{
    std::vector<StepLock> all;
    for (const SwapLock &lock : locks)
        all.push_back({lock.relation, lockModeFromSql(lock.mode).value_or(LockMode::AccessExclusive)});
    return all;
}

Step fidelityStep(const TableInventory &source, const ShadowSpec &shadow, const QSet<QString> &waivers, bool afterSwap,
                  const QStringList &added)
{
    QStringList waived(waivers.begin(), waivers.end());
    waived.sort();
    QJsonObject parameters{{QStringLiteral("inventory"), source.toJson()},
                           {QStringLiteral("shadow"), shadow.toJson()},
                           {QStringLiteral("waivers"), QJsonArray::fromStringList(waived)},
                           {QStringLiteral("after_swap"), afterSwap}};
    if (!added.isEmpty())
        parameters.insert(QStringLiteral("added"), QJsonArray::fromStringList(added));
    Step step = actionStep(afterSwap ? "fidelity_after" : "fidelity", "stage.fidelity",
                           afterSwap ? QStringLiteral("Compare the new table with what the old one was")
                                     : QStringLiteral("Compare all that belongs to the tables"),
                           parameters);
    step.risk = afterSwap ? Risk::Low : Risk::None;
    return step;
}

void addSettlingBack(std::vector<Step> &steps, const QStringList &validation, const TableInventory &source)
{
    const QStringList settle = validation + ddl::refreshesBack(ddl::rebuildViews(source));
    if (settle.isEmpty())
        return;
    Step settled = sqlStep(
        "settle_back", QStringLiteral("On the way back: validate the foreign keys and refresh the views"), {}, settle);
    settled.undoTransaction = StepTransaction::None;
    steps.push_back(settled);
}

void addDrops(std::vector<Step> &steps, const QStringList &statements)
{
    int number = 0;
    for (const QString &statement : statements) {
        ++number;
        Step drop = sqlStep(("drop_" + QByteArray::number(number)).constData(),
                            QStringLiteral("Drop what is left of the old table (%1)").arg(number), {statement});
        drop.risk = Risk::High;
        drop.pointOfNoReturn = true;
        steps.push_back(drop);
    }
}

Result<std::pair<QString, QString>> readExtremes(pg::Session &session, const pg::QualifiedName &table,
                                                 const QString &column, const pg::CallOptions &call)
{
    const QString quoted = pg::quoteIdentifier(column);
    const QString sql = QStringLiteral("SELECT min(%1)::text, max(%1)::text FROM %2 WHERE %3")
                            .arg(quoted, table.quoted(),
                                 QStringLiteral("%1::text NOT IN ('infinity', '-infinity')").arg(quoted));
    TIDEMARK_TRY(const auto rows, session.exec(sql.toUtf8(), {}, call));
    return std::pair(rows.text(0, 0), rows.text(0, 1));
}

} // namespace tidemark::stage
