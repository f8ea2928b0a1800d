// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/runstatus.h"

#include "core/base/units.h"
#include "ui/models/runmodel.h"
#include "ui/services/theme.h"
#include "ui/widgets/progressline.h"
#include "ui/widgets/statusbadge.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

namespace {

QString waitWord(RunWait::Kind kind)
{
    switch (kind) {
    case RunWait::Kind::Word:
        return RunStatus::tr("Your word");
    case RunWait::Kind::Driver:
        return RunStatus::tr("No driver");
    case RunWait::Kind::Lock:
        return RunStatus::tr("A lock");
    case RunWait::Kind::Governor:
        return RunStatus::tr("Held back");
    case RunWait::Kind::Nothing:
        break;
    }
    return {};
}

QString lagText(const CaptureLag &lag)
{
    if (lag.isEmpty())
        return RunStatus::tr("No changed key waits to be brought over.");
    QString text = RunStatus::tr("%n changed key(s) wait to be brought over", nullptr, static_cast<int>(lag.pending));
    if (lag.oldest)
        text += RunStatus::tr(", the oldest for %1").arg(units::duration(*lag.oldest));
    return text + QLatin1Char('.');
}

} // namespace

RunStatus::RunStatus(QWidget *parent)
    : QWidget(parent)
    , m_state(new StatusBadge(this))
    , m_title(new QLabel(this))
    , m_progressText(new QLabel(this))
    , m_progress(new ProgressLine(this))
    , m_wait(new StatusBadge(this))
    , m_waitText(new QLabel(this))
    , m_lag(new QLabel(this))
{
    m_title->setFont(boldFont(font()));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_progressText->setFont(tabularFont(font()));
    m_progressText->setTextFormat(Qt::PlainText);
    m_progressText->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_progress->setAccessibleName(tr("Progress of the step"));
    m_waitText->setWordWrap(true);
    m_waitText->setTextFormat(Qt::PlainText);
    m_waitText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_lag->setForegroundRole(QPalette::PlaceholderText);
    m_lag->setFont(tabularFont(font()));

    auto *head = new QHBoxLayout;
    head->setSpacing(spacing(this, 3));
    head->addWidget(m_state);
    head->addWidget(m_title, 1);
    auto *wait = new QHBoxLayout;
    wait->setSpacing(spacing(this, 3));
    wait->addWidget(m_wait, 0, Qt::AlignTop);
    wait->addWidget(m_waitText, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing(this, 2));
    layout->addLayout(head);
    layout->addWidget(m_progressText);
    layout->addWidget(m_progress);
    layout->addLayout(wait);
    layout->addWidget(m_lag);
    clear({});
}

void RunStatus::clear(const QString &title)
{
    m_pace = Pace();
    m_state->setStatus(Severity::Unknown, tr("Reading…"));
    m_title->setText(title);
    m_progressText->clear();
    m_progress->setShare(0);
    m_wait->hide();
    m_waitText->hide();
    m_lag->hide();
}

void RunStatus::setRun(const LiveRun &run)
{
    m_state->setStatus(severityOf(run.look.record), runStateText(run.look.record));
    m_title->setText(run.look.record.title);
    showProgress(run.look);
    showWait(run);
    m_lag->setVisible(run.lag.has_value());
    if (run.lag)
        m_lag->setText(lagText(*run.lag));
}

void RunStatus::showProgress(const RunLook &look)
{
    const RunRecord &record = look.record;
    m_pace.add(record.currentStep, record.currentState == StepState::Running ? record.rowsDone : std::nullopt);
    const bool counts = record.currentState == StepState::Running && record.rowsDone
                        && record.rowsTotal.value_or(0) > 0;
    QStringList words{tr("Step %1 of %2").arg(std::min(record.stepsDone + 1, record.steps)).arg(record.steps)};
    if (record.isOver())
        words = QStringList{tr("%1 of %2 steps").arg(record.stepsDone).arg(record.steps)};
    else if (!record.currentStep.isEmpty())
        words[0] += QStringLiteral(": ") + record.currentStep;
    if (record.currentState == StepState::Running && record.rowsDone)
        words << tr("%1 rows").arg(rowsOfText(record.rowsDone, record.rowsTotal));
    if (const auto rate = m_pace.rowsPerSecond(); rate && *rate > 0)
        words << tr("%1 rows/s").arg(units::roughCount(static_cast<qint64>(*rate), QLocale()));
    if (const auto left = m_pace.left(record.rowsTotal))
        words << tr("about %1 left").arg(units::duration(*left));
    m_progressText->setText(words.join(QStringLiteral("   ")));
    m_progressText->setToolTip(m_progressText->text());
    // Within a step that counts its rows the bar is the step's; between such steps it is the run's.
    const double total = counts ? static_cast<double>(*record.rowsTotal) : std::max(1, record.steps);
    const double done = counts ? static_cast<double>(*record.rowsDone) : record.stepsDone;
    m_progress->setShare(done / total);
}

void RunStatus::showWait(const LiveRun &run)
{
    const RunWait wait = currentWait(run.look);
    QString text = wait.text;
    Severity severity = wait.kind == RunWait::Kind::Word ? Severity::Notice : Severity::Warning;
    QString word = waitWord(wait.kind);
    if (wait.kind == RunWait::Kind::Nothing && run.look.record.state == RunState::Failed) {
        severity = Severity::Critical;
        word = tr("Failed");
        text = run.look.record.error;
    }
    m_wait->setVisible(!text.isEmpty());
    m_waitText->setVisible(!text.isEmpty());
    m_wait->setStatus(severity, word);
    m_waitText->setText(text);
}

QString RunStatus::text() const
{
    QStringList lines{m_state->text(), m_title->text(), m_progressText->text()};
    if (m_waitText->isVisibleTo(this))
        lines << m_wait->text() + QStringLiteral(": ") + m_waitText->text();
    if (m_lag->isVisibleTo(this))
        lines << m_lag->text();
    return lines.join(QLatin1Char('\n'));
}

} // namespace tidemark::ui
