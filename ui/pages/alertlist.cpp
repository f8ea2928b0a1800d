// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/alertlist.h"

#include "core/base/clock.h"
#include "core/store/historystore.h"
#include "ui/models/snapshotparts.h"
#include "ui/models/texts.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/detailpanel.h"

namespace tidemark::ui {

namespace {

using namespace std::chrono_literals;
constexpr auto listed = 24h;
constexpr auto readAgainAfter = 5s;
constexpr int mostRows = 2000; // of a server

} // namespace

AlertList::AlertList(const PageContext &context, QWidget *parent)
    : DataTable(tr("Alerts, active and of the last day"), parent)
    , m_context(context)
    , m_model(new AlertModel(this))
{
    setSource(m_model);
    setDelegateFor("state", new StatusDelegate(this));
    sortByColumnId("since", Qt::DescendingOrder);
    connect(this, &DataTable::rowActivated, this,
            [this](const QModelIndex &index) { Q_EMIT objectRequested(objectOf(m_model->row(index.row()))); });
}

void AlertList::read(const Snapshots &snapshots, const Scope &scope, const Moments &moments)
{
    m_moments = moments;
    const Instant local = m_context.clock->now();
    const bool replays = std::any_of(snapshots.begin(), snapshots.end(),
                                     [](const ServerSnapshotPtr &server) { return server->replayed; });
    const bool isRecent = m_readAt && m_readScope == scope && local - *m_readAt < readAgainAfter && local >= *m_readAt;
    if (!m_context.history || snapshots.isEmpty() || (isRecent && !replays))
        return;
    m_readAt = local;
    m_readScope = scope;
    std::vector<std::tuple<QString, DatabaseRef, Instant>> places;
    for (const ServerSnapshotPtr &server : snapshots) {
        if (const QString system = systemIdentifierOf(*server); scope.covers(server->name) && !system.isEmpty())
            places.emplace_back(server->name, DatabaseRef{system, scope.database}, moments.of(server->name));
    }
    using Read = std::pair<std::vector<AlertRow>, std::optional<Error>>;
    m_context.runner->run(
        this, m_reading,
        [history = m_context.history, places = std::move(places)](const std::stop_token &stop) {
            Read found;
            for (const auto &[server, database, now] : places) {
                if (stop.stop_requested())
                    break;
                auto alerts = history->alerts(database, {now - listed, now}, mostRows);
                if (!alerts) {
                    found.second = alerts.error();
                    continue;
                }
                for (AlertRecord &alert : *alerts)
                    found.first.push_back({server, std::move(alert)});
            }
            return found;
        },
        [this](Read found) { take(std::move(found.first), found.second); });
}

void AlertList::take(std::vector<AlertRow> rows, const std::optional<Error> &error)
{
    m_error = error;
    if (!error)
        m_model->setRows(std::move(rows));
    m_model->setMoments(m_moments);
    if (m_selectsNewest && !isEmpty())
        selectNewest();
    Q_EMIT alertsRead();
}

void AlertList::selectNewest()
{
    m_selectsNewest = isEmpty();
    selectFirst();
}

void AlertList::describe(DetailPanel &panel, const QModelIndex &source) const
{
    const AlertRow &row = m_model->row(source.row());
    const AlertRecord &alert = row.alert;
    panel.setTitle(alert.subject,
                   QStringLiteral("%1, %2").arg(alertKindText(alert.kind), placeText(row.server, alert.database)));
    panel.setStatus(alert.clearedAt ? Severity::Ok : Severity::Warning, alertStateText(alert));
    QList<Fact> facts{{{}, alert.message}, {tr("Since"), texts::absolute(alert.raisedAt)}};
    if (alert.clearedAt)
        facts << Fact{tr("Until"), texts::absolute(*alert.clearedAt)};
    panel.setFacts(tr("Alert"), facts);
}

} // namespace tidemark::ui
