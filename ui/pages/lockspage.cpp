// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/lockspage.h"

#include "core/base/clock.h"
#include "core/base/printable.h"
#include "core/base/units.h"
#include "ui/charts/timechart.h"
#include "ui/models/lockepisodemodel.h"
#include "ui/models/serveroverview.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"
#include "ui/services/dialogs.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/datatree.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/detailpanel.h"
#include "ui/widgets/messagebar.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace tidemark::ui {

namespace {

using namespace std::chrono_literals;
constexpr auto charted = 1h;
constexpr auto listed = 24h;
constexpr auto readAgainAfter = 5s;
/// Of one server; the page says when there are more.
constexpr int mostListed = 2000;
constexpr auto gapAfter = 90s;

QList<Fact> factsOf(const LockRow &row, Instant now)
{
    const LockParty &party = row.party;
    QList<Fact> facts;
    const auto add = [&facts](const QString &label, const QString &value, const QString &toolTip = {},
                              std::optional<Severity> severity = {}) {
        if (!value.isEmpty())
            facts << Fact{label, value, toolTip, severity};
    };
    if (row.isWaiting) {
        if (party.waitingSince) {
            const Millis waited = std::max(Millis(0), millisBetween(*party.waitingSince, now));
            add(LocksPage::tr("Waiting"), units::duration(waited), texts::absolute(*party.waitingSince),
                severityOfWait(waited));
        }
        add(LocksPage::tr("Wants"), party.wantedMode);
        add(LocksPage::tr("On"), party.object.isEmpty() ? party.lockType : party.object);
    }
    add(LocksPage::tr("Holds"), party.heldMode);
    if (row.blocks > 0)
        add(LocksPage::tr("Holds up"), LocksPage::tr("%n backends", nullptr, row.blocks), {}, Severity::Warning);
    add(LocksPage::tr("State"), party.state);
    add(LocksPage::tr("Waits on"), party.waitEvent);
    if (party.xactStart)
        add(LocksPage::tr("Transaction"),
            LocksPage::tr("open for %1").arg(texts::span(millisBetween(*party.xactStart, now))),
            texts::absolute(*party.xactStart));
    if (party.queryStart)
        add(LocksPage::tr("Statement"),
            LocksPage::tr("since %1").arg(texts::span(millisBetween(*party.queryStart, now))),
            texts::absolute(*party.queryStart));
    return facts;
}

QList<Fact> identityOf(const LockRow &row)
{
    const LockParty &party = row.party;
    QList<Fact> facts;
    const auto add = [&facts](const QString &label, const QString &value) {
        if (!value.isEmpty())
            facts << Fact{label, value};
    };
    add(LocksPage::tr("Server"), row.server);
    add(LocksPage::tr("Database"), party.database);
    add(LocksPage::tr("Role"), party.user);
    add(LocksPage::tr("Application"), party.applicationName);
    add(LocksPage::tr("Client"), party.clientAddress);
    add(LocksPage::tr("PID"), party.pid != 0 ? QString::number(party.pid) : QString());
    if (party.backendStart)
        add(LocksPage::tr("Connected"), texts::absolute(*party.backendStart));
    return facts;
}

} // namespace

LocksPage::LocksPage(const PageContext &context, QWidget *parent)
    : Page(QStringLiteral("locks"), tr("Locks"), QStringLiteral("locks"), context, parent)
    , m_model(new LockTreeModel(this))
    , m_episodes(new LockEpisodeModel(this))
    , m_report(new MessageBar(this))
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_top(new QStackedWidget(this))
    , m_tree(new DataTree(tr("Who waits for whom"), this))
    , m_nobody(new QWidget(this))
    , m_nobodyText(new QLabel(this))
    , m_earlier(new DataTable(tr("Lock waits of the last day"), this))
    , m_chart(new TimeChart(tr("Waiting backends, last hour"), ChartUnit::Count, this))
    , m_detail(new DetailPanel(this))
    , m_cancel(new QAction(tr("&Cancel statement…"), this))
    , m_terminate(new QAction(tr("&Terminate backend…"), this))
    , m_replay(new QAction(tr("&Replay this wait"), this))
{
    m_tree->setSource(m_model);
    m_tree->setItemDelegateForColumn(LockTreeModel::Who, new StatusDelegate(m_tree));
    m_tree->setItemDelegateForColumn(LockTreeModel::Waiting, new BarDelegate(m_tree));
    m_tree->setTreePosition(LockTreeModel::Who);
    // Urgency first: how long, how many, then what and why.
    const int order[] = {LockTreeModel::Who,    LockTreeModel::Waiting, LockTreeModel::Blocks,
                         LockTreeModel::Wanted, LockTreeModel::Object,  LockTreeModel::Doing,
                         LockTreeModel::Query,  LockTreeModel::Pid,     LockTreeModel::Server};
    for (int place = 0; place < static_cast<int>(std::size(order)); ++place)
        m_tree->header()->moveSection(m_tree->header()->visualIndex(order[place]), place);
    buildNobody();
    m_top->addWidget(m_tree);
    m_top->addWidget(m_nobody);

    auto *chartHost = new QWidget(this);
    chartHost->setAutoFillBackground(true);
    chartHost->setBackgroundRole(QPalette::Base);
    auto *chartLayout = new QVBoxLayout(chartHost);
    chartLayout->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    chartLayout->addWidget(m_chart);
    m_chart->setPickable(true);
    m_chart->setSummary(tr(
        "How many backends waited for a lock, and the longest chain, over the last hour. The arrow keys replay a moment."));

    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(1);
    m_splitter->addWidget(m_top);
    m_splitter->addWidget(chartHost);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_report);
    layout->addWidget(m_splitter, 1);
    setContent(content);

    m_detail->addAction(m_cancel);
    m_detail->addAction(m_terminate);
    m_detail->addAction(m_replay);
    m_detail->showPlaceholder(tr("Select a backend to see what it does and to act on it."));
    connect(m_tree, &DataTree::currentRowChanged, this, &LocksPage::showSelection);
    connect(m_earlier, &DataTable::currentRowChanged, this, &LocksPage::showSelection);
    connect(m_cancel, &QAction::triggered, this, [this]() { act(BackendAction::Kind::Cancel); });
    connect(m_terminate, &QAction::triggered, this, [this]() { act(BackendAction::Kind::Terminate); });
    connect(m_chart, &TimeChart::timePicked, this, &Page::replayRequested);
    connect(m_earlier, &DataTable::rowActivated, this, &LocksPage::replayEpisode);
    connect(m_replay, &QAction::triggered, this, &LocksPage::replayEpisode);
    m_model->setSnapshots({}, {}, {});
}

void LocksPage::buildNobody()
{
    m_nobodyText->setWordWrap(true);
    m_nobodyText->setMargin(spacing(this, 3));
    m_nobodyText->setContentsMargins(spacing(this, 4), 0, spacing(this, 4), 0);
    m_earlier->setSource(m_episodes);
    m_earlier->sortByColumnId("from", Qt::DescendingOrder);
    auto *layout = new QVBoxLayout(m_nobody);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_nobodyText);
    layout->addWidget(m_earlier, 1);
    m_nobody->setAutoFillBackground(true);
    m_nobody->setBackgroundRole(QPalette::Base);
}

void LocksPage::setFilterText(const QString &text)
{
    m_tree->setFilterText(text);
    m_earlier->setFilterText(text);
}

QWidget *LocksPage::detailWidget()
{
    return m_detail;
}

QWidget *LocksPage::mainWidget()
{
    return m_top->currentWidget() == m_tree ? static_cast<QWidget *>(m_tree) : m_earlier;
}

bool LocksPage::showObject(const ObjectRef &object)
{
    const QModelIndex index = m_model->indexOf(object.server, object.pid);
    if (!index.isValid())
        return false;
    m_tree->setCurrentSource(index);
    return true;
}

Page::Badge LocksPage::badge(const Snapshots &snapshots, const Moments &) const
{
    Badge badge;
    for (const ServerSnapshotPtr &server : snapshots) {
        if (!server->locks)
            continue;
        badge.count += server->locks->waiterCount;
        for (const LockParty &party : server->locks->parties) {
            if (party.waitingSince)
                badge.severity = worse(badge.severity,
                                       severityOfWait(millisBetween(*party.waitingSince, server->locks->takenAt)));
        }
    }
    return badge;
}

QString LocksPage::saveLayout() const
{
    return QString::fromLatin1(m_splitter->saveState().toBase64());
}

void LocksPage::restoreLayout(const QString &layout)
{
    m_splitter->restoreState(QByteArray::fromBase64(layout.toLatin1()));
}

void LocksPage::updateContent(const Snapshots &inScope)
{
    m_model->setSnapshots(inScope, scope(), moments());
    m_tree->setColumnWanted(LockTreeModel::Server, inScope.size() > 1);
    const bool anyone = m_model->rowCount() > 0;
    m_top->setCurrentWidget(anyone ? static_cast<QWidget *>(m_tree) : m_nobody);
    if (anyone && !m_tree->currentSource().isValid())
        m_tree->setCurrentSource(m_model->index(0, 0));
    showSelection();
    readPast(inScope);
}

void LocksPage::updateAges(const Moments &moments)
{
    m_model->setMoments(moments);
    m_episodes->setMoments(moments);
    showSelection();
}

void LocksPage::showSelection()
{
    const bool live = m_top->currentWidget() == m_tree;
    const QModelIndex index = live ? m_tree->currentSource() : m_earlier->currentSource();
    for (QAction *action : {m_cancel, m_terminate})
        action->setVisible(live);
    m_replay->setVisible(!live);
    if (!index.isValid())
        m_detail->showPlaceholder(live ? tr("Select a backend to see what it does and to act on it.")
                                       : tr("Nobody waits. Select an earlier wait to see who waited for whom."));
    else if (live)
        showParty(index);
    else
        showEpisode(index);
}

void LocksPage::showEpisode(const QModelIndex &index)
{
    const EpisodeRow &row = m_episodes->row(index.row());
    const LockEpisode &episode = row.episode;
    const Millis waited = millisBetween(episode.waiter.waitingSince.value_or(episode.firstSeenAt), episode.lastSeenAt);
    m_detail->setTitle(tr("%1 behind %2").arg(partyName(episode.waiter), partyName(episode.blocker)),
                       episode.soft ? tr("stood behind it in the queue") : QString());
    m_detail->setStatus(severityOfWait(waited), tr("Waited %1").arg(units::duration(waited)));
    m_detail->setFacts(tr("Lock"), {{tr("First seen"), texts::absolute(episode.firstSeenAt)},
                                    {tr("Last seen"), texts::absolute(episode.lastSeenAt)},
                                    {tr("Wanted"), episode.waiter.wantedMode},
                                    {tr("On"), episode.waiter.object},
                                    {tr("Blocker held"), episode.blocker.heldMode},
                                    {tr("Blocker was"), episode.blocker.state},
                                    {tr("Database"), episode.waiter.database},
                                    {tr("Server"), row.server}});
    m_detail->setSql(tr("Statement"), {});
    m_detail->setFacts(tr("Backend"), {});
    m_detail->setSectionVisible(tr("Backend"), false);
    m_detail->setSql(tr("Waiter's statement"), episode.waiter.query);
    m_detail->setSql(tr("Blocker's statement"), episode.blocker.query);
}

void LocksPage::replayEpisode()
{
    const QModelIndex index = m_earlier->currentSource();
    if (!index.isValid())
        return;
    const EpisodeRow &row = m_episodes->row(index.row());
    const ServerSnapshotPtr server = snapshots().value(row.server);
    Q_EMIT replayRequested(row.episode.lastSeenAt - (server ? server->clockOffset : Millis(0)));
}

void LocksPage::showParty(const QModelIndex &index)
{
    const LockRow &row = m_model->row(index);
    const Instant now = moments().of(row.server);
    m_detail->setTitle(partyName(row.party), row.isWaiting    ? tr("waits")
                                             : row.blocks > 0 ? tr("root blocker")
                                                              : QString());
    m_detail->setStatus(static_cast<Severity>(index.siblingAtColumn(0).data(SeverityRole).toInt()),
                        row.isWaiting ? tr("Waiting") : tr("Holds up %n", nullptr, row.blocks));
    const auto access = context().accessTo ? context().accessTo(row.server) : std::nullopt;
    const bool readOnly = access && access->profile.safety == Safety::ReadOnly;
    const bool possible = access && !isReplaying() && row.party.pid != 0;
    const QString whyNot =
        isReplaying()        ? tr("This is the past; go back to live to act.")
        : row.party.pid == 0 ? tr("A prepared transaction has no backend.")
        : readOnly ? tr("The profile %1 is read-only. Its safety can be changed under File, Servers.").arg(row.server)
                   : QString();
    for (QAction *action : {m_cancel, m_terminate}) {
        action->setEnabled(possible && !readOnly);
        action->setToolTip(whyNot);
    }
    if (m_cancel->isEnabled() && row.party.state.startsWith(QLatin1String("idle"))) {
        m_cancel->setEnabled(false);
        m_cancel->setToolTip(
            tr("It runs no statement (%1): only terminating it gives its locks free.").arg(row.party.state));
    }
    m_detail->setFacts(tr("Lock"), factsOf(row, now));
    m_detail->setSql(tr("Waiter's statement"), {});
    m_detail->setSql(tr("Blocker's statement"), {});
    m_detail->setSectionVisible(tr("Backend"), true);
    m_detail->setSql(tr("Statement"), row.party.query);
    m_detail->setSql(tr("To end it by hand, in its database"),
                     row.party.pid == 0 ? BackendAction::rollbackPreparedSql(row.party) : QString());
    m_detail->setFacts(tr("Backend"), identityOf(row));
}

void LocksPage::readPast(const Snapshots &inScope)
{
    const Instant local = context().clock->now();
    if (!context().history) {
        showPast();
        showChart();
        return;
    }
    if (m_readScope == scope() && local - m_readAt < readAgainAfter && local >= m_readAt) {
        showChart();
        return;
    }
    m_readAt = local;
    if (m_readScope != scope())
        m_windows.clear();
    m_readScope = scope();
    context().runner->run(
        this, m_reading,
        [history = context().history, inScope, local, windows = m_windows](const std::stop_token &stop) mutable {
            Past past;
            std::map<qint64, OverheadSample> summed;
            for (const ServerSnapshotPtr &server : inScope) {
                if (stop.stop_requested())
                    break;
                const QString identifier = systemIdentifierOf(*server);
                const Instant now = local + server->clockOffset;
                const TimeRange day{now - listed, now};
                past.servers << server->name;
                past.shown[server->name] = day;
                auto episodes = history->lockEpisodes(identifier, windows[server->name].toRead(day), mostListed);
                const auto samples = history->overhead(identifier, {now - charted, now});
                if (!episodes || !samples) {
                    past.error = episodes ? samples.error() : episodes.error();
                    continue;
                }
                if (episodes->size() == mostListed || windows[server->name].isCut())
                    past.counted += history->countLockEpisodes(identifier, day).value_or(0);
                past.episodes[server->name] = std::move(*episodes);
                for (const OverheadSample &sample : *samples) {
                    const Instant at = sample.at - server->clockOffset;
                    OverheadSample &sum = summed[toEpochMicros(at) / 10'000'000];
                    sum.at = std::max(sum.at, at);
                    sum.waiters += sample.waiters;
                    sum.longestChain = std::max(sum.longestChain, sample.longestChain);
                }
            }
            for (const auto &[second, sample] : summed)
                past.samples.push_back(sample);
            return past;
        },
        [this](Past past) { takePast(std::move(past)); });
}

void LocksPage::takePast(Past past)
{
    if (!past.error || !past.samples.empty())
        m_past = std::move(past.samples);
    m_counted = past.counted;
    setReadError(past.error);
    std::erase_if(m_windows, [&past](const auto &window) { return !past.servers.contains(window.first); });
    for (auto &[server, episodes] : past.episodes)
        m_windows[server].take(std::move(episodes), past.shown[server], mostListed);
    std::vector<EpisodeRow> rows;
    for (const auto &[server, window] : m_windows) {
        for (const LockEpisode &episode : window.episodes())
            rows.push_back({server, episode});
    }
    m_episodes->setRows(std::move(rows));
    showPast();
    showChart();
}

void LocksPage::showPast()
{
    const std::vector<EpisodeRow> &rows = m_episodes->rows();
    const auto last = std::max_element(rows.begin(), rows.end(), [](const EpisodeRow &a, const EpisodeRow &b) {
        return a.episode.lastSeenAt < b.episode.lastSeenAt;
    });
    const QString title =
        QStringLiteral("<b>%1</b> ").arg(isReplaying() ? tr("Nobody waited then.") : tr("Nobody waits."));
    m_nobodyText->setText(
        title
        + (storeError() ? tr("The waits of the last day are not known.")
           : last == rows.end()
               ? tr("No wait was recorded in the last day.")
               : tr("The last wait ended %1: %2 behind %3.")
                     .arg(units::age(last->episode.lastSeenAt,
                                     momentsOf(snapshots(), context().clock->now()).of(last->server)),
                          printable(partyName(last->episode.waiter)), printable(partyName(last->episode.blocker)))
                     .toHtmlEscaped())
        + (m_counted > static_cast<qint64>(rows.size())
               ? QStringLiteral("<br>")
                     + tr("The latest %1 of %2 waits of the last day are listed.")
                           .arg(QLocale().toString(static_cast<qint64>(rows.size())), QLocale().toString(m_counted))
               : QString()));
    m_earlier->setColumnWanted(m_episodes->columnCount() - 1, snapshots().size() > 1);
}

void LocksPage::showChart()
{
    ChartSeries waiting{tr("Waiting"), ChartSeries::Style::Area, {}, {}};
    ChartSeries chain{tr("Longest chain"), ChartSeries::Style::Line, {}, {}};
    Instant before;
    for (const OverheadSample &sample : m_past) {
        if (!waiting.points.empty() && sample.at - before > gapAfter) {
            const double gap = std::numeric_limits<double>::quiet_NaN();
            waiting.points.push_back({before + 1s, gap});
            chain.points.push_back({before + 1s, gap});
        }
        waiting.points.push_back({sample.at, static_cast<double>(sample.waiters)});
        chain.points.push_back({sample.at, static_cast<double>(sample.longestChain)});
        before = sample.at;
    }
    const Instant now = context().clock->now();
    m_chart->setRange({now - charted, now});
    m_chart->setPlaceholder(!waiting.points.empty() ? QString()
                            : storeError()          ? tr("What happened is not known.")
                                                    : tr("Nothing was recorded yet."));
    m_chart->setSeries({std::move(waiting), std::move(chain)});
    std::optional<Instant> cursor;
    if (isReplaying() && !snapshots().isEmpty())
        cursor = snapshots().first()->takenAt - snapshots().first()->clockOffset;
    m_chart->setCursor(cursor);
}

void LocksPage::act(BackendAction::Kind kind)
{
    const QModelIndex index = m_tree->currentSource();
    if (!index.isValid())
        return;
    const LockRow row = m_model->row(index);
    const auto access = context().accessTo(row.server);
    if (!access)
        return;
    const BackendAction action(access->profile, context().history, *context().clock);
    const auto needed = action.confirmation(kind, row.party);
    if (!needed) {
        m_report->showError(needed.error());
        return;
    }
    if (!*needed) {
        perform(kind, row, *access, {});
        return;
    }
    const bool terminates = kind == BackendAction::Kind::Terminate;
    ConfirmRequest request;
    request.title = terminates ? tr("Terminate %1").arg(partyName(row.party))
                               : tr("Cancel the statement of %1").arg(partyName(row.party));
    request.text = (*needed)->text;
    request.statement = BackendAction::sql(kind, row.party);
    request.verb = terminates ? tr("Terminate %1").arg(row.party.pid)
                              : tr("Cancel the statement of %1").arg(row.party.pid);
    request.server = row.server;
    request.environment = access->profile.environment;
    request.typedName = (*needed)->typedWord;
    context().dialogs->confirm(this, request,
                               [this, kind, row, access = *access, typed = request.typedName](bool confirmed) {
                                   if (confirmed)
                                       perform(kind, row, access, typed);
                               });
}

void LocksPage::perform(BackendAction::Kind kind, const LockRow &row, const ServerAccess &access, const QString &typed)
{
    m_report->showMessage(Severity::Notice, tr("Signalling %1…").arg(partyName(row.party)));
    context().runner->run(
        this, m_acting,
        [kind, party = row.party, access, typed, history = context().history,
         clock = context().clock](const std::stop_token &stop) -> Result<BackendReport> {
            pg::SessionOptions options;
            options.applicationName = QStringLiteral("tidemark action");
            const pg::ConnInfo info = access.password.isEmpty()
                                          ? access.profile.connInfo
                                          : access.profile.connInfo.with(QStringLiteral("password"), access.password);
            TIDEMARK_TRY(pg::Session session, pg::Session::open(info, options, stop));
            Confirmation confirmation;
            confirmation.given = true;
            confirmation.typed = typed;
            return BackendAction(access.profile, history, *clock)
                .perform(session, kind, party, confirmation, Millis(3'000), stop);
        },
        [this](const Result<BackendReport> &report) {
            if (!report)
                m_report->showError(report.error());
            else
                m_report->showMessage(report->outcome == BackendOutcome::Done
                                              || report->outcome == BackendOutcome::AlreadyGone
                                          ? Severity::Ok
                                          : Severity::Warning,
                                      report->text);
            m_readAt = {};
        });
}

} // namespace tidemark::ui
