// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/timebar.h"

#include "core/base/units.h"
#include "ui/charts/timeaxis.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/agelabel.h"

#include <QHBoxLayout>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QToolTip>

#include <algorithm>

namespace tidemark::ui {

namespace {

Severity severityOf(TimelineMark::Kind kind)
{
    switch (kind) {
    case TimelineMark::Kind::Refreshed:
        return Severity::Ok;
    case TimelineMark::Kind::RefreshFailed:
        return Severity::Critical;
    case TimelineMark::Kind::LockWait:
        return Severity::Warning;
    case TimelineMark::Kind::Alert:
        break;
    }
    return Severity::Critical;
}

QString textOf(const ServerMark &mark)
{
    const QString where = mark.mark.database.isEmpty() ? mark.server
                                                       : QString(mark.server + QLatin1Char('/') + mark.mark.database);
    switch (mark.mark.kind) {
    case TimelineMark::Kind::Refreshed:
        return TimeBar::tr("%1: %n refreshes, last %2", nullptr, mark.mark.count).arg(where, mark.mark.subject);
    case TimelineMark::Kind::RefreshFailed:
        return TimeBar::tr("%1: %n refreshes failed, last %2", nullptr, mark.mark.count).arg(where, mark.mark.subject);
    case TimelineMark::Kind::LockWait:
        return TimeBar::tr("%1: %n lock waits behind %2", nullptr, mark.mark.count).arg(where, mark.mark.subject);
    case TimelineMark::Kind::Alert:
        break;
    }
    return TimeBar::tr("%1: %2").arg(where, mark.mark.subject);
}

} // namespace

TimeTrack::TimeTrack(QWidget *parent)
    : QAbstractSlider(parent)
{
    setOrientation(Qt::Horizontal);
    setRange(-seconds, 0);
    setValue(0);
    setSingleStep(60);
    setPageStep(3600);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Time bar"));
    setAccessibleDescription(
        tr("Seconds before now. Arrow keys move by a minute, Page Up and Page Down by an hour, End returns to live."));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TimeTrack::setNow(Instant now)
{
    m_now = now;
    update();
}

void TimeTrack::setMarks(std::vector<ServerMark> marks)
{
    m_marks = std::move(marks);
    update();
}

Instant TimeTrack::moment() const
{
    return m_now + std::chrono::seconds(value());
}

QSize TimeTrack::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 60, fontMetrics().height() * 10 / 4};
}

QRect TimeTrack::groove() const
{
    const int inset = fontMetrics().height() / 2;
    return {inset, 0, width() - 2 * inset, fontMetrics().height() * 5 / 4};
}

int TimeTrack::xOf(Instant at) const
{
    const double share = 1.0
                         + static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(at - m_now).count())
                               / seconds;
    return groove().left() + static_cast<int>(share * groove().width());
}

int TimeTrack::valueAt(int x) const
{
    const double share = static_cast<double>(x - groove().left()) / std::max(1, groove().width());
    return std::clamp(static_cast<int>((share - 1.0) * seconds), -seconds, 0);
}

void TimeTrack::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme &theme = Theme::of(palette());
    const QRect track = groove();
    const double middle = track.center().y() + 0.5;
    painter.setPen(QPen(theme.border, 2, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(track.left(), middle), QPointF(track.right(), middle));

    const int labelWidth = fontMetrics().horizontalAdvance(QStringLiteral("00:00")) * 3;
    painter.setFont(tabularFont(font()));
    for (const TimeTick &tick :
         timeTicks({m_now - std::chrono::seconds(seconds), m_now}, std::max(2, track.width() / labelWidth))) {
        const int x = xOf(tick.at);
        painter.setPen(QPen(theme.border, 1));
        painter.drawLine(QPointF(x, middle + 3), QPointF(x, track.bottom()));
        painter.setPen(theme.muted);
        const int width = painter.fontMetrics().horizontalAdvance(tick.label);
        painter.drawText(std::clamp(x - width / 2, 0, this->width() - width),
                         height() - painter.fontMetrics().descent(), tick.label);
    }
    const double half = fontMetrics().height() * 0.35;
    for (const ServerMark &mark : m_marks) {
        const double from = std::max<double>(track.left(), xOf(mark.mark.from));
        const double to = std::min<double>(track.right(), xOf(mark.mark.to));
        const QColor color = theme.of(severityOf(mark.mark.kind));
        // What went well hangs below the line, what did not stands above it.
        const bool below = mark.mark.kind == TimelineMark::Kind::Refreshed;
        painter.fillRect(QRectF(from - 1, below ? middle + 1.5 : middle - 1.5 - half, std::max(2.0, to - from),
                                below ? half * 0.8 : half),
                         color);
    }
    const int x = track.left() + static_cast<int>((1.0 + static_cast<double>(value()) / seconds) * track.width());
    const double radius = fontMetrics().height() * 0.38;
    painter.setPen(QPen(hasFocus() ? theme.text : theme.raised, 2));
    painter.setBrush(value() == 0 ? theme.accent : theme.of(Severity::Warning));
    painter.drawEllipse(QPointF(x, middle), radius, radius);
}

void TimeTrack::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    setSliderDown(true);
    setSliderPosition(valueAt(event->position().toPoint().x()));
}

void TimeTrack::mouseMoveEvent(QMouseEvent *event)
{
    if (isSliderDown())
        setSliderPosition(valueAt(event->position().toPoint().x()));
}

void TimeTrack::mouseReleaseEvent(QMouseEvent *)
{
    setSliderDown(false);
}

void TimeTrack::wheelEvent(QWheelEvent *event)
{
    event->ignore(); // scrolling past the bar must not leave the present
}

QString TimeTrack::tipAt(int x) const
{
    QStringList lines{absoluteTime(m_now + std::chrono::seconds(valueAt(x)))};
    for (const ServerMark &mark : m_marks) {
        if (x >= xOf(mark.mark.from) - 4 && x <= xOf(mark.mark.to) + 4 && lines.size() < 8)
            lines << textOf(mark);
    }
    return lines.join(QLatin1Char('\n'));
}

bool TimeTrack::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        QToolTip::showText(help->globalPos(), tipAt(help->pos().x()), this);
        return true;
    }
    return QAbstractSlider::event(event);
}

TimeBar::TimeBar(QWidget *parent)
    : QWidget(parent)
    , m_track(new TimeTrack(this))
    , m_back(new QToolButton(this))
    , m_forward(new QToolButton(this))
    , m_live(new QPushButton(tr("Live"), this))
{
    m_back->setIcon(icon(QStringLiteral("left")));
    m_back->setAutoRaise(true);
    m_back->setToolTip(tr("To the event before"));
    m_back->setAccessibleName(m_back->toolTip());
    m_forward->setIcon(icon(QStringLiteral("right")));
    m_forward->setAutoRaise(true);
    m_forward->setToolTip(tr("To the event after"));
    m_forward->setAccessibleName(m_forward->toolTip());
    m_live->setCheckable(true);
    m_live->setChecked(true);
    m_live->setToolTip(tr("Back to live (Ctrl+L)"));
    m_live->setAccessibleName(tr("Live"));

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(spacing(this, 3), spacing(this, 1), spacing(this, 3), spacing(this, 1));
    layout->setSpacing(spacing(this, 1));
    layout->addWidget(m_back);
    layout->addWidget(m_track, 1);
    layout->addWidget(m_forward);
    layout->addWidget(m_live);

    m_settle.setSingleShot(true);
    m_settle.setInterval(60);
    connect(m_track, &QAbstractSlider::valueChanged, &m_settle, qOverload<>(&QTimer::start));
    connect(&m_settle, &QTimer::timeout, this, &TimeBar::choose);
    connect(m_live, &QPushButton::clicked, this, &TimeBar::liveChosen);
    connect(m_back, &QToolButton::clicked, this, [this]() { step(-1); });
    connect(m_forward, &QToolButton::clicked, this, [this]() { step(1); });
}

TimeRange TimeBar::range() const
{
    return {m_now - std::chrono::seconds(TimeTrack::seconds), m_now};
}

void TimeBar::setNow(Instant now)
{
    m_now = now;
    m_track->setNow(now);
    if (m_replayed)
        setReplayed(m_replayed); // the moment stays, the end of the bar moves on
}

void TimeBar::setMarks(std::vector<ServerMark> marks)
{
    m_track->setMarks(std::move(marks));
}

void TimeBar::setReplayed(std::optional<Instant> moment)
{
    m_replayed = moment;
    m_live->setChecked(!moment);
    if (m_track->isSliderDown())
        return;
    const QSignalBlocker quiet(m_track);
    const auto ago = moment ? std::chrono::duration_cast<std::chrono::seconds>(*moment - m_now).count() : 0;
    m_track->setValue(static_cast<int>(ago));
    m_track->update();
}

void TimeBar::choose()
{
    if (m_track->value() == 0)
        Q_EMIT liveChosen();
    else
        Q_EMIT momentChosen(m_track->moment());
}

void TimeBar::step(int direction)
{
    const Instant from = m_replayed.value_or(m_now);
    std::optional<Instant> best;
    for (const ServerMark &mark : m_track->marks()) {
        const Instant at = mark.mark.to;
        const bool beyond = direction < 0 ? at < from - std::chrono::seconds(1) : at > from + std::chrono::seconds(1);
        if (beyond && (!best || (direction < 0 ? at > *best : at < *best)))
            best = at;
    }
    if (best)
        Q_EMIT momentChosen(*best);
    else if (direction > 0)
        Q_EMIT liveChosen();
}

} // namespace tidemark::ui
