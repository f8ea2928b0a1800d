// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overviewpage.h"

#include "core/base/clock.h"
#include "core/base/units.h"
#include "core/store/historystore.h"
#include "ui/charts/timelinechart.h"
#include "ui/models/serveroverview.h"
#include "ui/pages/servercard.h"
#include "ui/services/recentsamples.h"
#include "ui/services/theme.h"

#include <QGridLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

namespace {

using namespace std::chrono_literals;
constexpr auto shownSpan = 1h;
constexpr auto leastShownSpan = 10min;
constexpr auto readAgainAfter = 5s;
constexpr int mostRefreshes = 500;
constexpr int mostEpisodes = 500; // of a server; over an hour more bars would be one

QString textOf(const RefreshEvent &event, const QString &where)
{
    const QString took = event.duration ? units::duration(*event.duration) : QString(QChar(0x2013));
    return event.succeeded ? OverviewPage::tr("%1 in %2 refreshed, took %3").arg(event.name.display(), where, took)
                           : OverviewPage::tr("%1 in %2 failed: %3").arg(event.name.display(), where, event.error);
}

} // namespace

OverviewPage::OverviewPage(const PageContext &context, const RecentSamples &samples, QWidget *parent)
    : Page(QStringLiteral("overview"), tr("Overview"), QStringLiteral("overview"), context, parent)
    , m_samples(samples)
    , m_scroll(new QScrollArea(this))
    , m_cardsHost(new QWidget(this))
    , m_grid(new QGridLayout)
    , m_timeline(new TimelineChart(tr("Refreshes and lock waits"), this))
{
    const int margin = spacing(this, 4);
    m_grid->setSpacing(spacing(this, 3));
    auto *frame = new CardFrame(m_cardsHost);
    auto *framed = new QVBoxLayout(frame);
    framed->setContentsMargins(spacing(this, 4), spacing(this, 3), spacing(this, 3), spacing(this, 2));
    framed->addWidget(m_timeline);
    auto *layout = new QVBoxLayout(m_cardsHost);
    layout->setContentsMargins(margin, 0, margin, margin);
    layout->setSpacing(spacing(this, 3));
    layout->addLayout(m_grid);
    layout->addWidget(frame, 1);
    m_timeline->setMinimumHeight(fontMetrics().height() * 10);

    m_scroll->setWidget(m_cardsHost);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setAccessibleName(tr("Servers"));
    setContent(m_scroll);
    connect(m_timeline, &TimelineChart::itemActivated, this,
            [this](const QString &, const ObjectRef &object) { Q_EMIT objectRequested(object); });
}

void OverviewPage::setFilterText(const QString &text)
{
    m_filter = text;
    m_columns = 0;
    arrangeCards();
    showTimeline();
}

QWidget *OverviewPage::mainWidget()
{
    return m_cards.isEmpty() ? static_cast<QWidget *>(this) : m_cards.first()->findChild<MetricRow *>();
}

bool OverviewPage::isFilled() const
{
    const bool read = !context().history || !m_happened.empty();
    return read && Page::isFilled() && std::all_of(snapshots().begin(), snapshots().end(), [](const auto &server) {
               return server->state != WatchState::Connecting;
           });
}

Page::Badge OverviewPage::badge(const Snapshots &snapshots, const Moments &) const
{
    const auto failed = std::count_if(snapshots.begin(), snapshots.end(),
                                      [](const auto &server) { return server->state == WatchState::Failed; });
    return {static_cast<int>(failed), Severity::Critical};
}

void OverviewPage::updateContent(const Snapshots &inScope)
{
    for (const QString &gone : m_cards.keys()) {
        if (!inScope.contains(gone)) {
            m_cards.take(gone)->deleteLater();
            m_columns = 0;
        }
    }
    for (const ServerSnapshotPtr &server : inScope) {
        if (m_cards.contains(server->name))
            continue;
        auto *card = new ServerCard(server->name, m_cardsHost);
        m_cards.insert(server->name, card);
        m_columns = 0;
        connect(card, &ServerCard::opened, this, [this, name = server->name](const QString &page, const auto &object) {
            if (object)
                Q_EMIT objectRequested(*object);
            else
                Q_EMIT pageRequested(page, name);
        });
        connect(card, &ServerCard::databasesRequested, this,
                [this, name = server->name]() { Q_EMIT databasesRequested(name); });
        card->show();
    }
    arrangeCards();
    updateCards(inScope);
    readTimeline(inScope);
}

void OverviewPage::updateCards(const Snapshots &inScope)
{
    const Moments now = moments();
    for (const ServerSnapshotPtr &server : inScope) {
        const auto happened = std::find_if(m_happened.begin(), m_happened.end(),
                                           [&](const Happened &own) { return own.server == server->name; });
        ServerCard::Series series{
            m_samples.series(server->name,
                             [](const RecentSample &sample) { return static_cast<double>(sample.needRefresh); }),
            m_samples.series(server->name,
                             [](const RecentSample &sample) { return static_cast<double>(sample.waiters); }),
            m_samples.series(server->name, [](const RecentSample &sample) { return sample.serverMsPerSecond; })};
        if (happened != m_happened.end() && !happened->overhead.empty()) {
            // The store knows the hour from before this start, too.
            std::vector<TimedValue> waiters;
            std::vector<TimedValue> cost;
            for (const OverheadSample &sample : happened->overhead) {
                waiters.push_back({sample.at, static_cast<double>(sample.waiters)});
                cost.push_back({sample.at, sample.serverMsPerSecond});
            }
            series.waiters = hourSeries(waiters, now.of(server->name));
            series.cost = hourSeries(cost, now.of(server->name));
        }
        m_cards[server->name]->update(*server, overviewOf(*server, scope(), now.of(server->name)), series,
                                      happened == m_happened.end() ? QString() : happened->lastAlert);
    }
}

void OverviewPage::updateAges(const Moments &moments)
{
    for (auto it = m_cards.begin(); it != m_cards.end(); ++it)
        it.value()->updateAge(moments.of(it.key()));
}

void OverviewPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    arrangeCards();
}

void OverviewPage::arrangeCards()
{
    const int least = fontMetrics().averageCharWidth() * 66;
    const int fit = std::max(1, width() / least);
    QList<ServerCard *> shown;
    for (auto it = m_cards.begin(); it != m_cards.end(); ++it) {
        it.value()->setVisible(it.key().contains(m_filter, Qt::CaseInsensitive));
        if (it.value()->isVisibleTo(m_cardsHost))
            shown << it.value();
    }
    const int columns = std::clamp(fit, 1, std::max(1, static_cast<int>(shown.size())));
    if (columns == m_columns)
        return;
    m_columns = columns;
    while (QLayoutItem *item = m_grid->takeAt(0))
        delete item; // the cards stay their host's
    for (int column = 0; column < m_grid->columnCount(); ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
    int at = 0;
    for (ServerCard *card : std::as_const(shown)) {
        m_grid->addWidget(card, at / columns, at % columns);
        m_grid->setColumnStretch(at % columns, 1);
        ++at;
    }
}

void OverviewPage::readTimeline(const Snapshots &inScope)
{
    const Instant local = context().clock->now();
    if (!context().history
        || (m_readServers == inScope.keys() && local - m_readAt < readAgainAfter && local >= m_readAt
            && !isReplaying())) {
        showTimeline();
        return;
    }
    m_readAt = local;
    if (m_readServers != inScope.keys())
        m_windows.clear();
    m_readServers = inScope.keys();
    const Moments now = moments();
    const Scope scope = this->scope();
    context().runner->run(
        this, m_reading,
        [history = context().history, inScope, now, scope, windows = m_windows](const std::stop_token &stop) {
            std::vector<Happened> all;
            for (const ServerSnapshotPtr &server : inScope) {
                if (stop.stop_requested())
                    break;
                Happened own;
                own.server = server->name;
                const Instant until = now.of(server->name);
                const TimeRange range{until - shownSpan, until};
                const QString identifier = systemIdentifierOf(*server);
                for (const auto &[name, database] : server->databases) {
                    if (!scope.covers(server->name, name))
                        continue;
                    auto events = history->refreshes({identifier, name}, {}, range, mostRefreshes);
                    if (!events) {
                        own.error = events.error();
                        continue;
                    }
                    for (RefreshEvent &event : *events)
                        own.refreshes.emplace_back(name, std::move(event));
                }
                own.shown = range;
                const auto window = windows.find(server->name);
                const auto take = [&own](auto &field, auto &&read) {
                    if (read)
                        field = std::move(*read);
                    else
                        own.error = read.error();
                };
                take(own.episodes,
                     history->lockEpisodes(identifier, window == windows.end() ? range : window->second.toRead(range),
                                           mostEpisodes));
                take(own.overhead, history->overhead(identifier, range));
                std::vector<AlertRecord> alerts;
                take(alerts, history->alerts({identifier, {}}, {until - 24h, until}, 1));
                if (!alerts.empty())
                    own.lastAlert = QStringLiteral("%1 (%2)").arg(alerts.front().message,
                                                                  units::age(alerts.front().raisedAt, until));
                all.push_back(std::move(own));
            }
            return all;
        },
        [this](std::vector<Happened> all) {
            m_happened = std::move(all);
            std::optional<Error> error;
            for (Happened &own : m_happened) {
                EpisodeWindow &window = m_windows[own.server];
                if (own.episodes)
                    window.take(std::move(*own.episodes), own.shown, mostEpisodes);
                own.episodes = window.episodes();
                if (own.error)
                    error = own.error;
            }
            setReadError(error);
            showTimeline();
        });
}

void OverviewPage::showTimeline()
{
    const Moments now = moments();
    std::vector<TimelineLane> lanes;
    std::vector<TimelineItem> items;
    for (const Happened &own : m_happened) {
        if (!scope().covers(own.server) || !own.server.contains(m_filter, Qt::CaseInsensitive))
            continue;
        std::map<QString, int> laneOf;
        // A server's clock may differ; the axis is this workstation's.
        const auto shift = now.local - now.of(own.server);
        const auto lane = [&](const QString &name) {
            const auto [at, isNew] = laneOf.try_emplace(name, static_cast<int>(lanes.size()));
            if (isNew)
                lanes.push_back({name, own.server});
            return at->second;
        };
        const ServerSnapshotPtr server = snapshots().value(own.server);
        if (server) {
            for (const auto &[name, database] : server->databases) {
                if (database->freshness && !database->freshness->refreshables.empty()
                    && scope().covers(own.server, name))
                    lane(name);
            }
        }
        for (const auto &[database, event] : own.refreshes) {
            const std::optional<Instant> end = event.finishedAt ? event.finishedAt : event.startedAt;
            if (!end)
                continue;
            TimelineItem item;
            item.lane = lane(database);
            item.uncertain = event.finishedBracket.has_value() && !event.startedAt;
            const Instant begin = item.uncertain    ? event.finishedBracket->from
                                  : event.startedAt ? *event.startedAt
                                  : event.duration  ? Instant(*end - *event.duration)
                                                    : *end;
            item.from = begin + shift;
            item.to = *end + shift;
            item.severity = event.succeeded ? Severity::Ok : Severity::Critical;
            item.text = textOf(event, database);
            item.key = QStringLiteral("%1/%2/r%3").arg(own.server, database).arg(event.id);
            item.object = {ObjectKind::Refreshable, own.server, database, 0, event.name, 0};
            items.push_back(std::move(item));
        }
        const int locksLane = lane(tr("lock waits"));
        for (const LockEpisode &episode : *own.episodes) {
            TimelineItem item;
            item.lane = locksLane;
            item.from = episode.firstSeenAt + shift;
            item.to = episode.lastSeenAt + shift;
            item.severity = Severity::Warning;
            item.running = !episode.ended;
            item.text = tr("%1 waited %2 for %3, behind %4")
                            .arg(partyName(episode.waiter),
                                 units::duration(millisBetween(episode.firstSeenAt, episode.lastSeenAt)),
                                 episode.waiter.object, partyName(episode.blocker));
            item.key = QStringLiteral("%1/l%2").arg(own.server).arg(episode.id);
            item.object = {ObjectKind::Backend, own.server, episode.blocker.database, 0, {}, episode.blocker.pid};
            items.push_back(std::move(item));
        }
    }
    const bool isSilent = items.empty() && storeError();
    m_timeline->setPlaceholder(isSilent        ? tr("What was recorded cannot be read.")
                               : lanes.empty() ? tr("Nothing was recorded yet.")
                                               : QString());
    m_timeline->setSummary(isSilent ? QString()
                                    : tr("%n events in the last hour", nullptr, static_cast<int>(items.size())));
    const Instant until = isReplaying() ? (snapshots().isEmpty() ? now.local : snapshots().first()->takenAt)
                                        : now.local;
    // The axis begins where the record does: an hour of nothing tells nothing.
    Instant from = until - leastShownSpan;
    for (const TimelineItem &item : items)
        from = std::min(from, item.from);
    m_timeline->setContent({std::max(from, Instant(until - shownSpan)), until}, std::move(lanes), std::move(items));
}

} // namespace tidemark::ui
