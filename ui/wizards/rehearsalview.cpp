// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/rehearsalview.h"

#include "core/base/units.h"
#include "core/plan/runorders.h"
#include "ui/services/dialogs.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/statusbadge.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <variant>

namespace tidemark::ui {

namespace {

/// While it goes on what its run journals, and its end.
using News = std::variant<QString, Result<Rehearsal>>;

Millis lengthOf(const Rehearsal &rehearsal)
{
    Millis sum{0};
    for (const RehearsedStep &step : rehearsal.steps) {
        if (step.record.startedAt && step.record.finishedAt)
            sum += millisBetween(*step.record.startedAt, *step.record.finishedAt);
    }
    return sum;
}

Result<Rehearsal> rehearseAsOrdered(const RunOrders &orders, const RunSubject &subject, const Confirmation &answer,
                                    const Plan &plan, const pg::ConnInfo &original,
                                    const std::function<void(const RunEvent &)> &onEvent, const std::stop_token &stop)
{
    TIDEMARK_CHECK(orders.check(RunOrder::Rehearse, subject, answer));
    TIDEMARK_CHECK(orders.audit(RunOrder::Rehearse, subject, QStringLiteral("begun")));
    ScratchCopy::Wish wish;
    wish.original = original;
    wish.tables = tablesOf(plan);
    auto rehearsal = tidemark::rehearse(plan, wish, onEvent, stop);
    static_cast<void>(orders.audit(RunOrder::Rehearse, subject,
                                   rehearsal ? runStateName(rehearsal->end) : rehearsal.error().summary()));
    return rehearsal;
}

} // namespace

RehearsalView::RehearsalView(const PageContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_model(new RehearsalModel(this))
    , m_table(new DataTable(tr("Steps of the rehearsal"), this))
    , m_badge(new StatusBadge(this))
    , m_sentence(new QLabel(this))
    , m_notes(new QLabel(this))
    , m_stop(new QPushButton(icon(QStringLiteral("stop")), tr("S&top rehearsal"), this))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_table->setSource(m_model);
    m_table->sortByColumnId("step", Qt::AscendingOrder);
    m_table->setDelegateFor("state", new StatusDelegate(m_table));
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    m_notes->setWordWrap(true);
    m_notes->setTextFormat(Qt::PlainText);
    m_notes->setForegroundRole(QPalette::PlaceholderText);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    head->setSpacing(spacing(this, 3));
    head->addWidget(m_badge);
    head->addWidget(m_sentence, 1);
    head->addWidget(m_stop);
    auto *notes = new QHBoxLayout;
    notes->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    notes->addWidget(m_notes);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_table, 1);
    layout->addLayout(notes);
    connect(m_stop, &QPushButton::clicked, this, &RehearsalView::stop);
    show();
}

void RehearsalView::setPlan(const QString &server, const QString &database, const Plan &plan)
{
    if (server == m_server && database == m_database && plan == m_plan)
        return;
    m_server = server;
    m_database = database;
    m_plan = plan;
    m_rehearsal.reset();
    m_error.reset();
    m_model->setRows({});
    stop();
}

void RehearsalView::rehearse()
{
    const auto access = m_context.accessTo ? m_context.accessTo(m_server) : std::nullopt;
    if (!access || m_isRehearsing)
        return;
    const RunSubject subject{m_database, 0, m_plan.title, {}, false};
    const auto needed =
        RunOrders(access->profile, m_context.history, *m_context.clock).confirmation(RunOrder::Rehearse, subject);
    if (!needed) {
        Q_EMIT failed(needed.error());
        return;
    }
    if (!*needed) {
        start({true, {}});
        return;
    }
    ConfirmRequest request;
    request.title = tr("Rehearse “%1”").arg(m_plan.title);
    request.text = (*needed)->text;
    request.verb = tr("Make scratch database and rehearse");
    request.server = m_server;
    request.environment = access->profile.environment;
    request.typedName = (*needed)->typedWord;
    m_context.dialogs->confirm(this, request, [this, typed = request.typedName](bool confirmed) {
        if (confirmed)
            start({true, typed});
    });
}

void RehearsalView::start(const Confirmation &answer)
{
    const auto access = m_context.accessTo(m_server);
    if (!access)
        return;
    m_isRehearsing = true;
    m_rehearsal.reset();
    m_error.reset();
    m_model->setRows({});
    m_progress = tr("Making the scratch database…");
    show();
    Q_EMIT changed();
    m_context.runner->follow<News>(
        this, m_rehearsing,
        [orders = RunOrders(access->profile, m_context.history, *m_context.clock),
         subject = RunSubject{m_database, 0, m_plan.title, {}, false}, answer, plan = m_plan,
         original = connInfoOf(*access, m_database)](const std::stop_token &stop, const auto &tell) {
            const auto onEvent = [&tell](const RunEvent &event) {
                if (event.kind == QLatin1String("step"))
                    tell(event.text);
            };
            tell(rehearseAsOrdered(orders, subject, answer, plan, original, onEvent, stop));
        },
        [this](const News &news) {
            if (const auto *end = std::get_if<Result<Rehearsal>>(&news)) {
                take(*end);
                return;
            }
            m_progress = std::get<QString>(news);
            show();
        });
}

void RehearsalView::take(const Result<Rehearsal> &rehearsal)
{
    m_isRehearsing = false;
    if (rehearsal) {
        m_rehearsal = *rehearsal;
        m_model->setRows(rehearsedRowsOf(*rehearsal));
        m_table->selectFirst();
    } else {
        m_error = rehearsal.error();
        Q_EMIT failed(*m_error);
    }
    show();
    Q_EMIT changed();
}

void RehearsalView::stop()
{
    m_rehearsing.cancel();
    m_isRehearsing = false;
    show();
    Q_EMIT changed();
}

void RehearsalView::show()
{
    m_stop->setVisible(m_isRehearsing);
    m_notes->setVisible(m_rehearsal && !m_rehearsal->notes.isEmpty());
    if (m_isRehearsing) {
        m_badge->setStatus(Severity::Notice, tr("Rehearsing"));
        m_sentence->setText(m_progress);
        return;
    }
    if (m_error) {
        m_badge->setStatus(Severity::Critical, tr("Not rehearsed"));
        m_sentence->setText(m_error->hint);
        return;
    }
    if (!m_rehearsal) {
        m_badge->setStatus(Severity::Unknown, tr("Not rehearsed"));
        m_sentence->clear();
        return;
    }
    m_notes->setText(m_rehearsal->notes.join(QLatin1Char('\n')));
    if (m_rehearsal->end == RunState::Succeeded) {
        m_badge->setStatus(Severity::Ok, tr("Went through"));
        m_sentence->setText(tr("All steps went through on the copy, in %1. The scratch database is gone.")
                                .arg(units::duration(lengthOf(*m_rehearsal))));
    } else {
        m_badge->setStatus(Severity::Critical, tr("Does not get through"));
        m_sentence->setText(m_rehearsal->error);
    }
}

QString RehearsalView::sentence() const
{
    return m_sentence->text();
}

} // namespace tidemark::ui
