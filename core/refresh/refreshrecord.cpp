// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshrecord.h"

#include "core/base/units.h"

#include <algorithm>

namespace tidemark::refresh {

Result<std::optional<ConfirmationNeeded>> confirmationOf(const Profile &profile, const RefreshPlan &plan)
{
    if (profile.safety == Safety::ReadOnly) {
        return fail(
            Error::safety(QStringLiteral("The profile %1 is read-only: nothing is refreshed.").arg(profile.name),
                          QStringLiteral("Set the profile's safety to \"confirm\" or \"free\" to allow it.")));
    }
    const bool isProduction = profile.environment == Environment::Production;
    if (profile.safety == Safety::Free && !isProduction && !plan.spec.withNoData)
        return std::optional<ConfirmationNeeded>{};
    ConfirmationNeeded needed;
    needed.text = QStringLiteral("%1 on %2?").arg(plan.title(), profile.name);
    QStringList locked;
    for (const RefreshItem &item : plan.items) {
        if (item.choice.locksReadersOut && item.choice.obstacle.isEmpty())
            locked << item.name.display();
    }
    if (plan.spec.withNoData)
        needed.text += QStringLiteral(" Nothing can be read from it until it is refreshed.");
    else if (!locked.isEmpty())
        needed.text +=
            QStringLiteral(" Whoever reads %1 waits until that refresh is done.").arg(locked.join(QLatin1String(", ")));
    if (isProduction)
        needed.typedWord = plan.items.size() == 1 ? plan.items.front().name.display() : plan.target.database;
    return std::optional(needed);
}

RefreshRecord::RefreshRecord(QString profile, DatabaseRef database, QString applicationName,
                             std::shared_ptr<HistoryStore> history, const Clock &clock)
    : m_profile(std::move(profile))
    , m_database(std::move(database))
    , m_applicationName(std::move(applicationName))
    , m_history(std::move(history))
    , m_clock(clock)
{
}

Status RefreshRecord::audit(const RefreshItem &item, const QString &outcome) const
{
    if (!m_history)
        return {};
    AuditEntry entry;
    entry.at = m_clock.now();
    entry.profile = m_profile;
    entry.database = m_database.database;
    entry.statement = item.statement;
    entry.outcome = outcome;
    return m_history->addAudit(entry);
}

Status RefreshRecord::begin(const RefreshItem &item) const
{
    if (const Status written = audit(item, QStringLiteral("begun")); !written)
        return fail(written.error().within(QStringLiteral("not refreshed, because the audit cannot be written")));
    return {};
}

Status RefreshRecord::end(const RefreshItem &item, const RefreshOutcome &outcome) const
{
    if (!m_history)
        return {};
    TIDEMARK_CHECK(audit(item, outcome.error ? outcome.error->summary() : QStringLiteral("done")));
    // What was emptied was not refreshed, and what was stopped before it began is nothing to tell.
    if (item.choice.method == Method::NoData || (!outcome.startedAt && outcome.error->kind == ErrorKind::Cancelled))
        return {};
    RefreshEvent event;
    event.name = item.name;
    event.kind = item.kind;
    event.startedAt = outcome.startedAt;
    event.finishedAt = outcome.finishedAt.value_or(m_clock.now());
    event.duration = outcome.took;
    event.rows = outcome.error ? std::nullopt : outcome.written;
    event.succeeded = !outcome.error;
    event.error = outcome.error ? outcome.error->summary() : QString();
    event.user = outcome.user;
    event.concurrently = item.choice.method == Method::Concurrently;
    event.confidence = Confidence::Exact;
    event.source = RefreshSource::OwnRun;
    event.xid = static_cast<quint32>(outcome.xid); // without its epoch, as in the rows
    event.sourceDetail = m_applicationName;
    if (outcome.waited >= Millis(100))
        event.sourceDetail += QStringLiteral(", after %1 for its locks").arg(units::duration(outcome.waited));
    TIDEMARK_TRY([[maybe_unused]] const qint64 id, m_history->addRefresh(m_database, event));
    return {};
}

} // namespace tidemark::refresh
