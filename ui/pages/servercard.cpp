// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/servercard.h"

#include "core/base/printable.h"
#include "core/base/units.h"
#include "core/monitor/alerts.h"
#include "core/store/profile.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/statusbadge.h"

#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tidemark::ui {

namespace {

/// The worst of them: what it is, which one, and since when; of several the oldest.
QString worstText(const ServerOverview::Freshness &own, Instant now)
{
    const QString name = own.worst->name.display();
    if (own.worstStatus == FreshnessStatus::NotPopulated)
        return ServerCard::tr("%1: %2").arg(statusText(own.worstStatus).toLower(), name);
    const QString age = texts::age(own.worstRefresh, now);
    // Where all are fresh, the oldest of the fresh is the oldest of all.
    return own.worstStatus == FreshnessStatus::Fresh
               ? ServerCard::tr("oldest: %1, %2").arg(name, age)
               : ServerCard::tr("%1: %2, %3").arg(statusText(own.worstStatus).toLower(), name, age);
}

QString runwayText(const ServerOverview::Partitions &own, Instant now)
{
    if (!own.runsOutAt)
        return ServerCard::tr("No table runs out");
    return *own.runsOutAt <= now ? ServerCard::tr("Ran out %1").arg(units::age(*own.runsOutAt, now))
                                 : ServerCard::tr("Runway %1").arg(units::duration(millisBetween(now, *own.runsOutAt)));
}

/// Whether the runway that ends first is what the health is of: a table that was never readied has run out without one.
bool isOfRunway(const ServerOverview::Partitions &own, Instant now)
{
    switch (own.worstHealth) {
    case PartitionHealth::RanOut:
        return own.runsOutAt && *own.runsOutAt <= now;
    case PartitionHealth::RunsShort:
    case PartitionHealth::Good:
        return true;
    case PartitionHealth::Broken:
    case PartitionHealth::DefaultFills:
    case PartitionHealth::Unread:
    case PartitionHealth::Gaps:
        break;
    }
    return false;
}

} // namespace

MetricRow::MetricRow(const QString &title, const QString &iconName, QWidget *parent)
    : QWidget(parent)
    , m_title(title)
    , m_iconName(iconName)
{
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(title);
}

void MetricRow::setContent(const Content &content)
{
    m_content = content;
    m_content.value = printable(content.value);
    m_content.sentence = printable(content.sentence, Lines::Kept);
    describe();
}

void MetricRow::setPast(bool isPast)
{
    m_isPast = isPast;
    describe();
}

void MetricRow::setInert()
{
    setFocusPolicy(Qt::NoFocus);
    unsetCursor();
    setAttribute(Qt::WA_Hover, false);
}

void MetricRow::describe()
{
    const QString value = m_isPast ? tr("%1 when it was last read").arg(m_content.value) : m_content.value;
    setAccessibleName(QStringLiteral("%1: %2").arg(m_title, value));
    setAccessibleDescription(m_content.sentence);
    setToolTip(m_content.sentence);
    QWidget::update();
}

QSize MetricRow::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 60, fontMetrics().height() * 12 / 4};
}

QSize MetricRow::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 36, sizeHint().height()};
}

void MetricRow::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme &theme = Theme::of(palette());
    const int unit = spacing(this, 1);
    const int line = fontMetrics().height();
    if (focusPolicy() != Qt::NoFocus && (underMouse() || hasFocus())) {
        painter.setPen(hasFocus() ? QPen(theme.accent, 1.5) : QPen(Qt::NoPen));
        painter.setBrush(theme.hover);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 1.5 * unit, 1.5 * unit);
    }
    const QRect inner = rect().adjusted(2 * unit, unit, -2 * unit, -unit);
    const int size = line + unit;
    painter.drawPixmap(QRect(inner.left(), inner.top() + (line - size) / 2 + unit / 2, size, size),
                       iconPixmap(m_iconName, theme.muted, size, devicePixelRatioF()));
    const int titleWidth = fontMetrics().averageCharWidth() * 13;
    QRect title(inner.left() + size + 2 * unit, inner.top(), titleWidth, line);
    painter.setPen(theme.muted);
    painter.drawText(title, Qt::AlignLeft | Qt::AlignVCenter, m_title);

    const bool sparks = std::count_if(m_content.series.begin(), m_content.series.end(),
                                      [](double value) { return std::isfinite(value); })
                        > 1;
    const int sparkWidth = sparks ? inner.width() / 6 : 0;
    QRect text(title.right(), inner.top(), inner.right() - title.right() - sparkWidth - 3 * unit, line);
    const QColor ink = m_isPast ? theme.muted : theme.of(m_content.severity);
    if (!m_isPast)
        painter.drawPixmap(QRect(text.left(), text.top(), line, line),
                           iconPixmap(iconOf(m_content.severity), ink, line, devicePixelRatioF()));
    QRect value = text.adjusted(line + unit, 0, 0, 0);
    const bool plain = m_content.severity == Severity::Ok || m_content.severity == Severity::Unknown;
    painter.setPen(plain && !m_isPast ? theme.text : ink);
    painter.setFont(tabularFont(boldFont(font())));
    painter.drawText(value, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(m_content.value, Qt::ElideRight, value.width()));
    painter.setFont(tabularFont(font()));
    painter.setPen(theme.muted);
    const QRect sentence = value.translated(0, line + unit / 2);
    painter.drawText(sentence, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(m_content.sentence, Qt::ElideRight, sentence.width()));
    if (sparks) {
        const QRectF spark(inner.right() - sparkWidth, inner.top() + unit, sparkWidth, inner.height() - 2 * unit);
        paintSparkline(&painter, spark, m_content.series, m_isPast ? theme.muted : theme.accent);
    }
}

void MetricRow::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint()))
        Q_EMIT activated();
}

void MetricRow::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space)
        Q_EMIT activated();
    else
        QWidget::keyPressEvent(event);
}

ServerCard::ServerCard(const QString &server, QWidget *parent)
    : CardFrame(parent)
    , m_server(server)
    , m_name(new QLabel(printable(server), this))
    , m_environment(new QLabel(this))
    , m_about(new QLabel(this))
    , m_state(new StatusBadge(this))
    , m_error(new QLabel(this))
    , m_unwatched(new QLabel(this))
    , m_rows(new QVBoxLayout)
{
    setObjectName(QStringLiteral("card ") + server);
    setAccessibleName(tr("Server %1").arg(server));
    m_name->setTextFormat(Qt::PlainText);
    m_name->setFont(titleFont(font()));
    m_name->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_environment->setFont(boldFont(font()));
    m_about->setForegroundRole(QPalette::PlaceholderText);
    m_error->setTextFormat(Qt::PlainText);
    m_error->setWordWrap(true);
    m_error->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_error->hide();
    m_unwatched->setObjectName(QStringLiteral("unwatched"));
    m_unwatched->setWordWrap(true);
    m_unwatched->setTextInteractionFlags(Qt::TextBrowserInteraction);
    m_unwatched->hide();
    connect(m_unwatched, &QLabel::linkActivated, this, &ServerCard::databasesRequested);

    auto *head = new QHBoxLayout;
    head->setSpacing(spacing(this, 3));
    head->addWidget(m_name);
    head->addWidget(m_environment);
    head->addStretch(1);
    head->addWidget(m_state);
    m_rows->setSpacing(0);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing(this, 4), spacing(this, 3), spacing(this, 4), spacing(this, 3));
    layout->setSpacing(spacing(this, 1));
    layout->addLayout(head);
    layout->addWidget(m_about);
    layout->addWidget(m_error);
    layout->addWidget(m_unwatched);
    layout->addSpacing(spacing(this, 1));
    layout->addLayout(m_rows);
    layout->addStretch(1);

    m_freshness = addRow(tr("Freshness"), QStringLiteral("freshness"), QStringLiteral("freshness"),
                         &ServerCard::m_worst);
    m_partitions = addRow(tr("Partitions"), QStringLiteral("partitions"), QStringLiteral("partitions"),
                          &ServerCard::m_nearest);
    m_locks = addRow(tr("Locks"), QStringLiteral("locks"), QStringLiteral("locks"), &ServerCard::m_root);
    m_alerts = addRow(tr("Alerts"), QStringLiteral("bell"), QStringLiteral("history"), &ServerCard::m_allAlerts);
    m_allAlerts = ObjectRef{ObjectKind::Alerts, server, {}, 0, {}, 0};
    m_cost = addRow(tr("Our cost"), QStringLiteral("clock"), QString());
    m_cost->setInert();
}

MetricRow *ServerCard::addRow(const QString &title, const QString &iconName, const QString &pageId,
                              std::optional<ObjectRef> ServerCard::*object)
{
    auto *row = new MetricRow(title, iconName, this);
    m_rows->addWidget(row);
    if (!pageId.isEmpty())
        connect(row, &MetricRow::activated, this,
                [this, pageId, object]() { Q_EMIT opened(pageId, object ? this->*object : std::nullopt); });
    return row;
}

void ServerCard::update(const ServerSnapshot &snapshot, const ServerOverview &overview, const Series &series,
                        const QString &lastAlert)
{
    const Theme &theme = Theme::of(palette());
    const Environment environment = environmentOf(snapshot.environment).value_or(Environment::Development);
    m_environment->setText(environmentText(environment).toUpper());
    QPalette colors = palette();
    colors.setColor(QPalette::WindowText, environment == Environment::Production ? theme.of(Severity::Critical)
                                          : environment == Environment::Test     ? theme.of(Severity::Warning)
                                                                                 : theme.of(Severity::Ok));
    m_environment->setPalette(colors);
    const QString version = snapshot.databases.empty()
                                ? QString()
                                : snapshot.databases.begin()->second->capabilities.serverVersionText.section(
                                    QLatin1Char(' '), 0, 0);
    QStringList about;
    if (!version.isEmpty())
        about << tr("PostgreSQL %1").arg(version);
    if (overview.databases > 0)
        about << tr("%n databases", nullptr, overview.databases);
    if (overview.failedDatabases > 0)
        about << tr("%n not reachable", nullptr, overview.failedDatabases);
    m_about->setText(about.join(QStringLiteral(" · ")));
    m_about->setVisible(!about.isEmpty());
    showUnwatched(snapshot.unwatchedDatabases, snapshot.unwatchedBecause);
    showErrors(snapshot);
    m_takenAt = snapshot.takenAt;
    m_watchState = snapshot.state;
    if (snapshot.state == WatchState::Connecting)
        m_state->setStatus(Severity::Unknown, tr("Connecting…"));
    else if (snapshot.state == WatchState::Failed)
        m_state->setStatus(Severity::Critical, tr("Not reachable"));

    m_worst = overview.freshness ? overview.freshness->worst : std::nullopt;
    m_nearest.reset();
    if (const auto &own = overview.partitions) {
        m_nearest = own->worst && !isOfRunway(*own, snapshot.takenAt) ? own->worst : own->nearest;
    }
    m_root = overview.locks ? overview.locks->root : std::nullopt;
    showFreshness(overview, series.needRefresh, snapshot.takenAt);
    showPartitions(overview, snapshot.takenAt);
    showLocks(overview, series.waiters);
    showAlerts(snapshot, overview, lastAlert);
    showCost(snapshot, series.cost);
    for (MetricRow *row : {m_freshness, m_partitions, m_locks, m_alerts, m_cost})
        row->setPast(snapshot.state == WatchState::Failed);
}

void ServerCard::showErrors(const ServerSnapshot &snapshot)
{
    constexpr int mostLines = 6;
    QStringList lines;
    QStringList told;
    int more = 0;
    const auto add = [&](const QString &where, const Error &error) {
        if (told.contains(error.message))
            return; // the server's own, or what all its databases say
        if (told.size() == mostLines) {
            ++more;
            return;
        }
        told << error.message;
        lines << (where.isEmpty() ? error.summary() : QStringLiteral("%1: %2").arg(where, error.summary()));
        if (!error.hint.isEmpty() && !lines.contains(error.hint))
            lines << error.hint;
    };
    bool isLost = snapshot.error.has_value();
    if (snapshot.error)
        add({}, *snapshot.error);
    for (const auto &[name, database] : snapshot.databases) {
        if (database->state == WatchState::Failed && database->error) {
            isLost = true;
            add(name, *database->error);
        }
        for (auto error = database->errors.cbegin(); error != database->errors.cend(); ++error)
            add(QStringLiteral("%1, %2").arg(name, error.key()), error.value());
    }
    if (more > 0)
        lines << tr("and %n more", nullptr, more);
    m_error->setVisible(!lines.isEmpty());
    m_error->setText(printable(lines.join(QLatin1Char('\n')), Lines::Kept));
    QPalette colors = palette();
    colors.setColor(QPalette::WindowText, Theme::of(palette()).of(isLost ? Severity::Critical : Severity::Warning));
    m_error->setPalette(colors);
}

void ServerCard::showUnwatched(const QStringList &databases, const QString &because)
{
    m_unwatched->setVisible(!databases.isEmpty());
    if (databases.isEmpty())
        return;
    constexpr int mostNamed = 4;
    QString names = databases.mid(0, mostNamed).join(QStringLiteral(", "));
    if (databases.size() > mostNamed)
        names = tr("%1 and %2 more").arg(names).arg(databases.size() - mostNamed);
    const QString sentence = tr("%n databases are not watched", nullptr, static_cast<int>(databases.size()))
                             + QStringLiteral(": ") + names + QLatin1Char('.');
    m_unwatched->setText(QStringLiteral("%1 <a href=\"databases\">%2</a>")
                             .arg(printable(sentence).toHtmlEscaped(), tr("Choose databases…").toHtmlEscaped()));
    m_unwatched->setToolTip(
        tr("Not watched: %1. Name those that matter.\n\n%2").arg(because, databases.join(QStringLiteral(", "))));
    m_unwatched->setAccessibleName(sentence);
}

void ServerCard::updateAge(Instant now)
{
    if (m_watchState == WatchState::Failed && m_takenAt != Instant())
        m_state->setStatus(Severity::Critical, tr("Lost, last read %1").arg(units::age(m_takenAt, now)));
    else if (m_watchState == WatchState::Live)
        m_state->setStatus(now - m_takenAt < std::chrono::seconds(90) ? Severity::Ok : Severity::Warning,
                           now - m_takenAt < std::chrono::seconds(2) ? tr("Live")
                                                                     : tr("Live, %1").arg(units::age(m_takenAt, now)));
}

void ServerCard::showFreshness(const ServerOverview &overview, const QList<double> &series, Instant now)
{
    if (!overview.freshness) {
        m_freshness->setContent({Severity::Unknown, tr("Not read yet"), {}});
        return;
    }
    const ServerOverview::Freshness &own = *overview.freshness;
    if (own.total == 0) {
        m_freshness->setContent(
            {Severity::Ok, tr("Nothing to refresh"), tr("No materialized views, aggregates or rollups here")});
        return;
    }
    QStringList parts;
    for (size_t i = 0; i < own.byStatus.size(); ++i) {
        if (own.byStatus[i] > 0)
            parts << QStringLiteral("%1 %2")
                         .arg(own.byStatus[i])
                         .arg(statusText(static_cast<FreshnessStatus>(i)).toLower());
    }
    QString sentence;
    const bool isCalm = own.worstStatus == FreshnessStatus::Fresh || own.worstStatus == FreshnessStatus::Unknown;
    if (isCalm && own.running > 0)
        sentence = tr("%n refreshes running", nullptr, own.running);
    else if (own.worst)
        sentence = worstText(own, now);
    m_freshness->setContent({severityOf(own.worstStatus), parts.join(QStringLiteral(", ")), sentence, series});
}

void ServerCard::showPartitions(const ServerOverview &overview, Instant now)
{
    if (!overview.partitions) {
        m_partitions->setContent({Severity::Unknown, tr("Not read yet"), {}});
        return;
    }
    const ServerOverview::Partitions &own = *overview.partitions;
    if (own.tables == 0) {
        m_partitions->setContent({Severity::Ok, tr("No partitioned tables"), {}});
        return;
    }
    // The value is what its colour tells of; a runway that is not stands in the sentence.
    const QString runway = runwayText(own, now);
    QString value = runway;
    QStringList sentence;
    if (isOfRunway(own, now)) {
        if (own.nearest)
            sentence << tr("%1 first").arg(own.nearest->name.display());
    } else {
        value = tr("%1: %2").arg(healthWord(own.worstHealth), own.worst->name.display())
                + (own.withWorstHealth > 1 ? tr(" and %1 more").arg(own.withWorstHealth - 1) : QString());
        sentence << (own.nearest ? tr("%1, %2 first").arg(runway, own.nearest->name.display()) : runway);
    }
    if (own.withDefaultRows > 0 && own.worstHealth != PartitionHealth::DefaultFills)
        sentence << tr("%n with rows in the default partition", nullptr, own.withDefaultRows);
    sentence << tr("%n tables", nullptr, own.tables) + QStringLiteral(", ")
                    + tr("%n partitions", nullptr, static_cast<int>(own.leaves)) + QStringLiteral(", ")
                    + units::bytes(own.bytes);
    m_partitions->setContent({severityOf(own.worstHealth), value, sentence.join(QStringLiteral(" · "))});
}

void ServerCard::showLocks(const ServerOverview &overview, const QList<double> &series)
{
    if (!overview.locks) {
        m_locks->setContent({Severity::Unknown, tr("Not read yet"), {}});
        return;
    }
    const ServerOverview::Locks &own = *overview.locks;
    if (own.waiters == 0) {
        m_locks->setContent({Severity::Ok, tr("Nobody waits"), {}, series});
        return;
    }
    const QString value = own.depth > 1 ? tr("%n waiting, chain of %1", nullptr, own.waiters).arg(own.depth)
                                        : tr("%n waiting", nullptr, own.waiters);
    QString sentence = tr("%1 holds up %2").arg(own.rootName).arg(own.rootBlocks);
    if (own.longestWait)
        sentence += tr(", longest wait %1").arg(units::duration(*own.longestWait));
    m_locks->setContent({severityOfWait(own.longestWait.value_or(Millis(0))), value, sentence, series});
}

void ServerCard::showAlerts(const ServerSnapshot &snapshot, const ServerOverview &overview, const QString &lastAlert)
{
    const ServerOverview::Jobs jobs = overview.jobs.value_or(ServerOverview::Jobs());
    QStringList sentence;
    if (snapshot.alerts && !snapshot.alerts->empty()) {
        const auto newest = std::max_element(snapshot.alerts->begin(), snapshot.alerts->end(),
                                             [](const Alert &a, const Alert &b) { return a.raisedAt < b.raisedAt; });
        m_alerts->setContent(
            {Severity::Warning, tr("%n alerts", nullptr, static_cast<int>(snapshot.alerts->size())), newest->message});
        return;
    }
    if (jobs.failed > 0)
        sentence << tr("%n jobs failed last time, %1", nullptr, jobs.failed).arg(jobs.lastFailed);
    else if (jobs.total > 0)
        sentence << tr("%n jobs, none failed last time", nullptr, jobs.total);
    if (!lastAlert.isEmpty())
        sentence << tr("last: %1").arg(lastAlert);
    m_alerts->setContent(
        {jobs.failed > 0 ? Severity::Warning : Severity::Ok, tr("No alert"), sentence.join(QStringLiteral(" · "))});
}

void ServerCard::showCost(const ServerSnapshot &snapshot, const QList<double> &series)
{
    const Overhead &own = snapshot.overhead;
    if (own.serverMsPerSecond <= 0) {
        m_cost->setContent(
            {Severity::Unknown, tr("Not measured yet"),
             own.firstReadMs > 0
                 ? tr("the first reading took %1 ms of the server").arg(QLocale().toString(own.firstReadMs, 'f', 1))
                 : QString(),
             series});
        return;
    }
    const bool isOver = own.budgetMsPerSecond > 0 && own.serverMsPerSecond > own.budgetMsPerSecond;
    QString sentence = tr("%1 a second, tick %2 ms every %3")
                           .arg(units::bytes(static_cast<qint64>(own.bytesPerSecond)),
                                QLocale().toString(own.lastTickRoundTripMs, 'f', 1), texts::span(own.interval));
    if (isOver)
        sentence.prepend(tr("over the budget of %1 %; ").arg(QLocale().toString(own.budgetMsPerSecond / 10, 'g', 3)));
    m_cost->setContent({isOver        ? Severity::Warning
                        : own.widened ? Severity::Notice
                                      : Severity::Ok,
                        tr("%1 % of a core").arg(QLocale().toString(own.serverMsPerSecond / 10, 'f', 2)), sentence,
                        series});
}

} // namespace tidemark::ui
