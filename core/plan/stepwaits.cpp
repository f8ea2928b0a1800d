// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/stepwaits.h"

#include "core/base/units.h"

namespace tidemark {

QString StepWait::behind() const
{
    switch (lock.mode) {
    case LockMode::AccessExclusive:
        return QStringLiteral("everybody who reads or writes it");
    case LockMode::Exclusive:
    case LockMode::ShareRowExclusive:
    case LockMode::Share:
        return QStringLiteral("everybody who writes it");
    default:
        return {};
    }
}

QString StepWait::text(const LockPatience &patience) const
{
    QStringList who;
    for (const LockHolder &holder : holders)
        who << holder.text();
    QString said = QStringLiteral("%1: %2 on %3: %4")
                       .arg(step, lockModeSql(lock.mode), lock.relation.display(),
                            who.isEmpty() ? QStringLiteral("nobody is in the way now")
                                          : QStringLiteral("would wait for ") + who.join(QLatin1String("; ")));
    if (const QString queue = behind(); !queue.isEmpty())
        said +=
            QStringLiteral("; %1 queues behind, at most %2 at a time").arg(queue, units::duration(patience.attempt));
    return said;
}

Result<std::vector<StepWait>> whatStepsWaitFor(pg::Session &session, const Plan &plan, std::stop_token stop)
{
    std::vector<StepWait> waits;
    for (const Step &step : plan.steps) {
        for (const StepLock &lock : step.locks) {
            auto holders = LockGate::holders(session, {lock}, stop);
            if (!holders && holders.error().kind == ErrorKind::Missing)
                continue;
            if (!holders)
                return fail(
                    holders.error().within(QStringLiteral("looking who holds %1").arg(lock.relation.display())));
            waits.push_back({step.name, step.title, lock, std::move(*holders)});
        }
    }
    return waits;
}

} // namespace tidemark
