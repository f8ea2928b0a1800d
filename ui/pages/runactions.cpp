// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runactions.h"

#include "core/plan/driver.h"
#include "core/plan/report.h"
#include "ui/dialogs/retunedialog.h"
#include "ui/services/dialogs.h"
#include "ui/services/htmlpdf.h"
#include "ui/services/icons.h"

#include <QAction>
#include <QFileInfo>
#include <QSaveFile>
#include <QWidget>

#include <algorithm>

namespace tidemark::ui {

RunActions::RunActions(const PageContext &context, QWidget *parent)
    : QObject(parent)
    , m_context(context)
    , m_parent(parent)
    , m_proceed(new QAction(this))
    , m_resume(new QAction(icon(QStringLiteral("play")), tr("&Resume"), this))
    , m_pause(new QAction(icon(QStringLiteral("pause")), tr("&Pause"), this))
    , m_retune(new QAction(icon(QStringLiteral("edit")), tr("Re&tune…"), this))
    , m_undo(new QAction(this))
    , m_cancel(new QAction(icon(QStringLiteral("stop")), tr("&Cancel…"), this))
    , m_report(new QAction(icon(QStringLiteral("export")), tr("Rep&ort…"), this))
{
    m_proceed->setIcon(icon(QStringLiteral("play")));
    m_undo->setIcon(icon(QStringLiteral("left")));
    m_pause->setToolTip(tr("Stops at the next boundary; nothing is lost"));
    m_cancel->setToolTip(tr("Stops now: the statement under way is cancelled"));
    m_retune->setToolTip(tr("Workers, time of a chunk, limits: taken up within a second"));
    connect(m_proceed, &QAction::triggered, this, [this]() { order(RunOrder::Proceed); });
    connect(m_resume, &QAction::triggered, this, [this]() { order(RunOrder::Resume); });
    connect(m_pause, &QAction::triggered, this, [this]() { order(RunOrder::Pause); });
    connect(m_undo, &QAction::triggered, this, [this]() { order(RunOrder::Undo); });
    connect(m_cancel, &QAction::triggered, this, [this]() { order(RunOrder::Cancel); });
    connect(m_retune, &QAction::triggered, this, &RunActions::retune);
    m_report->setToolTip(tr("What the run did, with the exact SQL, as HTML, PDF or JSON"));
    connect(m_report, &QAction::triggered, this, &RunActions::saveReport);
    if (m_context.drivers)
        connect(m_context.drivers, &RunDrivers::changed, this, &RunActions::update);
    clear();
}

QList<QAction *> RunActions::all() const
{
    return {m_proceed, m_resume, m_pause, m_retune, m_undo, m_cancel};
}

QList<QAction *> RunActions::ending() const
{
    return {m_proceed, m_resume, m_undo};
}

void RunActions::setRun(const RunPlace &place, const LiveRun &run)
{
    m_place = place;
    m_run = run;
    update();
}

void RunActions::clear()
{
    m_run.reset();
    update();
}

const Step *RunActions::waitingStep() const
{
    if (!m_run->look.record.waitsForWord())
        return nullptr;
    for (const StepRecord &record : m_run->look.steps) {
        const auto index = static_cast<size_t>(record.ordinal) - 1;
        if (record.state == StepState::Waiting && index < m_run->look.plan->steps.size())
            return &m_run->look.plan->steps[index];
    }
    return nullptr;
}

bool RunActions::hasSwapped() const
{
    return std::any_of(m_run->look.steps.begin(), m_run->look.steps.end(), [this](const StepRecord &record) {
        const auto index = static_cast<size_t>(record.ordinal) - 1;
        return record.state == StepState::Done && index < m_run->look.plan->steps.size()
               && m_run->look.plan->steps[index].action == QLatin1String("stage.swap");
    });
}

void RunActions::update()
{
    for (QAction *action : all())
        action->setVisible(false);
    m_report->setVisible(m_run && m_run->look.plan);
    if (!m_run || !m_run->look.plan)
        return;
    const RunRecord &record = m_run->look.record;
    const auto access = m_context.accessTo ? m_context.accessTo(m_place.server) : std::nullopt;
    const bool readOnly = !access || access->profile.safety == Safety::ReadOnly;
    const bool drivenHere = m_context.drivers && m_context.drivers->isDriving(m_place);
    const bool driven = record.driven || drivenHere;
    const bool forwards = record.state == RunState::Running;
    const Step *waiting = waitingStep();
    const StepRecord *noReturn = standsBehind(*m_run->look.plan, m_run->look.steps);

    m_proceed->setVisible(waiting != nullptr && forwards);
    if (waiting)
        m_proceed->setText(tr("%1…").arg(QString(waiting->title).replace(QLatin1Char('&'), QLatin1String("&&"))));
    m_resume->setVisible(!driven && !record.isOver());
    m_resume->setText(record.state == RunState::Undoing ? tr("Go on &undoing…") : tr("&Resume…"));
    m_pause->setVisible(driven && !record.isOver() && !waiting);
    m_retune->setVisible(driven && !record.isOver());
    m_cancel->setVisible(driven && !record.isOver() && !waiting);
    m_undo->setVisible(record.state != RunState::Undone && record.state != RunState::Undoing);
    m_undo->setText(hasSwapped() ? tr("Swap &back…") : tr("&Undo…"));
    const QString locked =
        readOnly ? tr("The profile %1 is read-only. Its safety can be changed under File, Servers.").arg(m_place.server)
                 : QString();
    for (QAction *action : all()) {
        action->setEnabled(!readOnly && !m_isAsking);
        if (readOnly)
            action->setToolTip(locked);
        else if (action == m_proceed || action == m_resume || action == m_undo)
            action->setToolTip({});
    }
    if (noReturn) {
        m_undo->setEnabled(false);
        m_undo->setToolTip(tr("“%1” is done: there is no way back.").arg(noReturn->title));
    }
    if (!m_context.drivers && !driven) {
        for (QAction *action : {m_resume, m_undo})
            action->setEnabled(false);
    }
}

RunSubject RunActions::subject() const
{
    RunSubject subject{m_place.database, m_place.id, m_run->look.record.title, {}, false};
    if (const Step *waiting = waitingStep()) {
        subject.step = waiting->title;
        subject.pointOfNoReturn = waiting->pointOfNoReturn;
    }
    return subject;
}

void RunActions::order(RunOrder order, const QJsonObject &detail)
{
    const auto access = m_run && m_context.accessTo ? m_context.accessTo(m_place.server) : std::nullopt;
    if (!access)
        return;
    RunSubject subject = this->subject();
    if (order != RunOrder::Proceed)
        subject.pointOfNoReturn = false;
    const auto needed = RunOrders(access->profile, m_context.history, *m_context.clock).confirmation(order, subject);
    if (!needed) {
        Q_EMIT failed(needed.error());
        return;
    }
    if (!*needed) {
        perform(order, subject, *access, detail, {true, {}});
        return;
    }
    const QAction *action = order == RunOrder::Proceed  ? m_proceed
                            : order == RunOrder::Resume ? m_resume
                            : order == RunOrder::Undo   ? m_undo
                                                        : m_cancel;
    ConfirmRequest request;
    request.title = action->text().remove(QLatin1Char('&')).remove(QChar(0x2026));
    request.text = (*needed)->text;
    request.verb = request.title;
    request.server = m_place.server;
    request.environment = access->profile.environment;
    request.typedName = (*needed)->typedWord;
    if (const Step *waiting = waitingStep(); waiting && order == RunOrder::Proceed)
        request.statement = waiting->statements.join(QStringLiteral(";\n\n"));
    m_context.dialogs->confirm(
        m_parent, request, [this, order, subject, access = *access, detail, typed = request.typedName](bool confirmed) {
            if (confirmed)
                perform(order, subject, access, detail, {true, typed});
        });
}

void RunActions::perform(RunOrder order, const RunSubject &subject, const ServerAccess &access,
                         const QJsonObject &detail, const Confirmation &answer)
{
    const bool driven = m_run && m_run->look.record.driven;
    if (order == RunOrder::Resume && m_context.drivers) {
        m_context.drivers->resume(access, subject, answer);
        return;
    }
    if (order == RunOrder::Undo && !driven && m_context.drivers) {
        m_context.drivers->undo(access, subject, answer);
        return;
    }
    m_isAsking = true;
    update();
    m_context.runner->run(
        this, m_asking,
        [orders = RunOrders(access.profile, m_context.history, *m_context.clock),
         info = connInfoOf(access, subject.database), order, subject, detail,
         answer](const std::stop_token &stop) -> Status {
            pg::SessionOptions options;
            options.applicationName = QStringLiteral("tidemark action");
            options.readOnly = false;
            TIDEMARK_TRY(pg::Session session, pg::Session::open(info, options, stop));
            return orders.request(session, order, subject, detail, answer);
        },
        [this](const Status &asked) {
            m_isAsking = false;
            update();
            if (asked)
                Q_EMIT told(tr("Asked. The driver takes it up within a second."));
            else
                Q_EMIT failed(asked.error());
        });
}

void RunActions::retune()
{
    if (!m_run)
        return;
    auto *dialog = new RetuneDialog(m_run->look.record.title, m_run->look.settings, m_parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &RetuneDialog::chosen, this,
            [this](const RunSettings &settings) { order(RunOrder::Retune, settings.toJson()); });
    dialog->open();
}

void RunActions::saveReport()
{
    const auto access = m_run && m_context.accessTo ? m_context.accessTo(m_place.server) : std::nullopt;
    if (!access)
        return;
    m_context.dialogs->saveFile(
        m_parent, tr("Save report"), QStringLiteral("%1-run-%2.html").arg(m_place.database).arg(m_place.id),
        {tr("Page for a browser (*.html)"), tr("Pages to print (*.pdf)"), tr("Evidence for programs (*.json)")},
        [this, access = *access](const QString &path) { writeReport(access, path); });
}

void RunActions::writeReport(const ServerAccess &access, const QString &path)
{
    m_context.runner->run(
        this, m_reporting,
        [info = connInfoOf(access, m_place.database), id = m_place.id, path](const std::stop_token &stop) -> Status {
            pg::SessionOptions options;
            options.applicationName = QStringLiteral("tidemark report");
            TIDEMARK_TRY(pg::Session session, pg::Session::open(info, options, stop));
            TIDEMARK_TRY(const RunReport report, reportOfRun(session, id, stop));
            const QString suffix = QFileInfo(path).suffix().toLower();
            if (suffix == QLatin1String("pdf"))
                return drawPdf(report.html(), path);
            QSaveFile file(path);
            const QByteArray text = suffix == QLatin1String("json") ? report.json() : report.html().toUtf8();
            if (file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit())
                return {};
            return fail(Error::local(tr("cannot write %1: %2").arg(path, file.errorString()),
                                     tr("Choose a folder you may write to.")));
        },
        [this, path](const Status &written) {
            if (written)
                Q_EMIT reportWritten(path);
            else
                Q_EMIT failed(written.error());
        });
}

} // namespace tidemark::ui
