// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runpanel.h"

#include "ui/charts/timechart.h"
#include "ui/pages/runactions.h"
#include "ui/services/theme.h"
#include "ui/widgets/actionbuttons.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/runstatus.h"

#include <QHBoxLayout>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

namespace {

using namespace std::chrono_literals;
constexpr auto leastCharted = 30s;
constexpr auto toldFor = 4s; ///< what was asked for and is done by then

} // namespace

RunPanel::RunPanel(const PageContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_actions(new RunActions(context, this))
    , m_status(new RunStatus(this))
    , m_message(new MessageBar(this))
    , m_chart(new TimeChart(tr("Rows a second"), ChartUnit::Count, this))
    , m_tabs(new QTabWidget(this))
    , m_steps(new RunStepModel(RunStepModel::Of::Run, this))
    , m_events(new RunEventModel(this))
    , m_stepsView(new DataTable(tr("Steps of the run"), this))
    , m_journalView(new DataTable(tr("Journal of the run"), this))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_stepsView->setSource(m_steps);
    m_stepsView->sortByColumnId("step", Qt::AscendingOrder);
    m_stepsView->setDelegateFor("state", new StatusDelegate(m_stepsView));
    m_journalView->setSource(m_events);
    m_journalView->sortByColumnId("at", Qt::DescendingOrder);
    m_journalView->setDelegateFor("kind", new StatusDelegate(m_journalView));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_stepsView, tr("&Steps"));
    m_tabs->addTab(m_journalView, tr("&Journal"));
    m_tabs->setAccessibleName(tr("Parts of the run"));
    m_chart->hide();
    m_chart->setFixedHeight(fontMetrics().height() * 9);

    auto *upper = new QVBoxLayout;
    upper->setContentsMargins(spacing(this, 4), spacing(this, 3), spacing(this, 4), spacing(this, 2));
    upper->setSpacing(spacing(this, 2));
    upper->addWidget(m_status);
    upper->addWidget(makeButtons());
    upper->addWidget(m_chart);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_message);
    layout->addLayout(upper);
    layout->addWidget(m_tabs, 1);

    connect(m_actions, &RunActions::told, this, [this](const QString &text) {
        m_message->showMessage(Severity::Ok, text);
        m_toldText = m_message->plainText();
        m_told.start();
    });
    m_told.setSingleShot(true);
    m_told.setInterval(toldFor);
    connect(&m_told, &QTimer::timeout, this, [this]() {
        if (m_message->plainText() == m_toldText)
            m_message->clear();
    });
    connect(m_actions, &RunActions::reportWritten, this, [this](const QString &path) {
        m_message->showMessage(Severity::Ok, tr("The report is in %1.").arg(path));
    });
    connect(m_actions, &RunActions::failed, this, [this](const Error &error) { m_message->showError(error); });
    connect(m_stepsView, &DataTable::currentRowChanged, this, &RunPanel::currentStepChanged);
    if (m_context.drivers) {
        connect(m_context.drivers, &RunDrivers::ended, this,
                [this](const RunPlace &place, const std::optional<Error> &error) {
                    if (m_place == place && error)
                        m_message->showError(*error);
                });
    }
}

QWidget *RunPanel::makeButtons()
{
    auto *bar = new QWidget(this);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing(this, 2));
    addButtons(m_actions->all() << m_actions->report(), row, bar);
    row->addStretch(1);
    return bar;
}

void RunPanel::setRun(const RunPlace &place, const QString &title)
{
    if (m_place == place)
        return;
    m_place = place;
    m_live.reset();
    m_lost = false;
    m_message->clear();
    m_actions->clear();
    m_status->clear(title);
    m_steps->setRows({});
    m_events->setRows({});
    m_chart->hide();
    if (isVisible())
        follow();
    Q_EMIT looked();
}

void RunPanel::clear()
{
    m_following.cancel();
    m_place.reset();
    m_live.reset();
    m_actions->clear();
}

int RunPanel::currentStep() const
{
    const QModelIndex index = m_stepsView->currentSource();
    return index.isValid() ? m_steps->row(index.row()).ordinal : 0;
}

void RunPanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    follow();
}

void RunPanel::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_following.cancel();
}

void RunPanel::follow()
{
    const auto access = m_place && m_context.accessTo ? m_context.accessTo(m_place->server) : std::nullopt;
    if (!access) {
        m_following.cancel();
        return;
    }
    followRun(*m_context.runner, this, m_following, *access, m_place->database, m_place->id,
              [this](const Result<LiveRun> &live) { take(live); });
}

void RunPanel::take(const Result<LiveRun> &live)
{
    if (!live) {
        m_lost = true;
        m_message->showError(live.error(), Severity::Warning);
        return;
    }
    if (m_lost)
        m_message->clear();
    m_lost = false;
    m_live = *live;
    m_status->setRun(*live);
    m_actions->setRun(*m_place, *live);
    Moments moments;
    moments.local = live->look.now;
    m_steps->setRows(stepRowsOf(live->look));
    m_steps->setMoments(moments);
    m_events->setRows(live->look.events);
    m_events->setMoments(moments);
    showChart();
    Q_EMIT looked();
}

void RunPanel::showChart()
{
    const RunLook &look = m_live->look;
    const std::vector<HeldBack> held = look.throttleHistory();
    m_chart->setVisible(!look.rates.empty() || !held.empty());
    if (!m_chart->isVisible())
        return;
    ChartSeries rows{tr("Rows a second"), ChartSeries::Style::Area, {}, {}};
    Instant end;
    for (const RunRate &rate : look.rates) {
        // No chunk ended in between: that is standing still, not a gap in what is known.
        if (!rows.points.empty() && rate.over.from - end > (rate.over.to - rate.over.from) / 2) {
            rows.points.push_back({end, 0});
            rows.points.push_back({rate.over.from, 0});
        }
        rows.points.push_back({rate.over.from, rate.rowsPerSecond});
        rows.points.push_back({rate.over.to, rate.rowsPerSecond});
        end = rate.over.to;
    }
    Instant from = look.rates.empty() ? look.now : look.rates.front().over.from;
    Instant to = look.rates.empty() ? look.now : end;
    std::vector<ChartBand> bands;
    for (const HeldBack &time : held) {
        bands.push_back({time.over, Severity::Warning, time.reasons});
        from = std::min(from, time.over.from);
        to = std::max(to, time.over.to);
    }
    const bool copies = look.record.currentState == StepState::Running && look.record.rowsTotal.value_or(0) > 0;
    if (copies) {
        to = look.now;
        if (end != Instant() && look.now - end > 3s) {
            rows.points.push_back({end, 0});
            rows.points.push_back({look.now, 0});
        }
    }
    if (to - from < leastCharted) {
        const auto lacking = leastCharted - (to - from);
        from -= copies ? lacking : lacking / 2;
        to = from + leastCharted;
    }
    m_chart->setRange({from, to});
    m_chart->setSummary(held.empty()
                            ? tr("Rows copied each second; the governor has not held the run back.")
                            : tr("Rows copied each second; coloured times are those in which the governor held "
                                 "the run back, %n time(s).",
                                 nullptr, static_cast<int>(held.size())));
    m_chart->setBands(std::move(bands));
    m_chart->setSeries({std::move(rows)});
}

} // namespace tidemark::ui
