// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/stagewizard.h"

#include "core/plan/runorders.h"
#include "ui/models/snapshotparts.h"
#include "ui/services/dialogs.h"
#include "ui/services/theme.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/stepper.h"
#include "ui/wizards/preflightstep.h"
#include "ui/wizards/resultstep.h"
#include "ui/wizards/reviewstep.h"
#include "ui/wizards/runstep.h"
#include "ui/wizards/shapestep.h"
#include "ui/wizards/targetstep.h"

#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

StageWizard::StageWizard(const PageContext &context, QWidget *parent)
    : Page(QStringLiteral("stage"), tr("Staged migration"), QStringLiteral("stage"), context, parent)
    , m_message(new MessageBar(this))
    , m_stack(new QStackedWidget(this))
    , m_target(new TargetStep(context, m_draft, this))
    , m_subject(new QLabel(this))
    , m_anew(new QPushButton(tr("&New migration"), this))
    , m_back(new QPushButton(tr("&Back"), this))
    , m_next(new QPushButton(this))
{
    m_steps = {m_target,
               new ShapeStep(m_draft, this),
               new PreflightStep(context, m_draft, this),
               new ReviewStep(context, m_draft, this),
               new RunStep(context, m_draft, this),
               new ResultStep(context, m_draft, this)};
    QStringList titles;
    for (WizardStep *step : std::as_const(m_steps)) {
        titles << step->title();
        m_stack->addWidget(step);
        connect(step, &WizardStep::completeChanged, this, &StageWizard::update);
        connect(step, &WizardStep::nextRequested, this, &StageWizard::next);
        connect(step, &WizardStep::failed, this, [this](const Error &error) { m_message->showError(error); });
        connect(step, &WizardStep::told, this,
                [this](Severity severity, const QString &text) { m_message->showMessage(severity, text); });
    }
    m_stepper = new Stepper(titles, this);
    auto *head = new QVBoxLayout;
    head->setContentsMargins(spacing(this, 4), spacing(this, 3), spacing(this, 4), spacing(this, 2));
    head->addWidget(m_stepper);
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_message);
    layout->addWidget(m_stack, 1);
    layout->addWidget(makeBar());
    setContent(content);
    connect(m_anew, &QPushButton::clicked, this, &StageWizard::beginAnew);
    connect(m_back, &QPushButton::clicked, this, &StageWizard::back);
    connect(m_next, &QPushButton::clicked, this, &StageWizard::next);
    update();
}

QWidget *StageWizard::makeBar()
{
    auto *bar = new QWidget(this);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    row->setSpacing(spacing(this, 2));
    m_subject->setForegroundRole(QPalette::PlaceholderText);
    m_subject->setTextFormat(Qt::PlainText);
    m_next->setObjectName(QStringLiteral("next"));
    m_back->setObjectName(QStringLiteral("back"));
    m_anew->setObjectName(QStringLiteral("anew"));
    row->addWidget(m_anew);
    row->addSpacing(spacing(this, 2));
    row->addWidget(m_subject, 1);
    row->addWidget(m_back);
    row->addWidget(m_next);
    return bar;
}

WizardStep *StageWizard::current() const
{
    return m_steps[m_stack->currentIndex()];
}

int StageWizard::currentStep() const
{
    return m_stack->currentIndex();
}

void StageWizard::setFilterText(const QString &text)
{
    for (WizardStep *step : std::as_const(m_steps))
        step->setFilterText(text);
}

QWidget *StageWizard::mainWidget()
{
    return current()->mainWidget();
}

bool StageWizard::isFilled() const
{
    return m_target->isFilled() && Page::isFilled();
}

void StageWizard::updateContent(const Snapshots &inScope)
{
    m_target->setSnapshots(inScope, scope(), m_stack->currentIndex() == AtTarget);
}

void StageWizard::go(int place)
{
    m_message->clear();
    m_stack->setCurrentIndex(place);
    m_stepper->setCurrent(place);
    current()->enter();
    update();
    current()->mainWidget()->setFocus(Qt::OtherFocusReason);
}

void StageWizard::next()
{
    if (!current()->isComplete() || m_isStarting)
        return;
    if (m_stack->currentIndex() == AtReview)
        confirm();
    else if (m_stack->currentIndex() < AtResult)
        go(m_stack->currentIndex() + 1);
}

void StageWizard::back()
{
    if (m_back->isEnabled())
        go(m_stack->currentIndex() - 1);
}

void StageWizard::beginAnew()
{
    m_draft.table.reset();
    m_draft.spec = {};
    m_draft.preview.reset();
    m_draft.run.reset();
    go(AtTarget);
}

void StageWizard::update()
{
    const int place = m_stack->currentIndex();
    m_back->setVisible(place > AtTarget && place != AtRun);
    // Behind Run lies what was confirmed: it is not chosen again.
    m_back->setEnabled(!m_isStarting);
    m_anew->setVisible(place >= AtRun);
    m_next->setVisible(place != AtResult);
    m_next->setEnabled(current()->isComplete() && !m_isStarting);
    m_next->setText(place == AtReview
                        ? tr("&Run migration…")
                        : tr("&Next: %1").arg(place < AtResult ? m_steps[place + 1]->title() : QString()));
    m_next->setAccessibleName(m_next->text().remove(QLatin1Char('&')));
    m_next->setDefault(true);
    QString subject;
    if (m_draft.table && place > AtTarget)
        subject = tr("%1 in %2").arg(m_draft.table->name.display(), placeText(m_draft.server, m_draft.database));
    m_subject->setText(subject);
}

void StageWizard::confirm()
{
    const auto access = context().accessTo(m_draft.server);
    if (!access || !context().drivers)
        return;
    const Plan &plan = *m_draft.preview->planned.plan;
    const RunSubject subject{m_draft.database, 0, plan.title, {}, false};
    const auto needed =
        RunOrders(access->profile, context().history, *context().clock).confirmation(RunOrder::Start, subject);
    if (!needed) {
        m_message->showError(needed.error());
        return;
    }
    if (!*needed) {
        start({true, {}});
        return;
    }
    ConfirmRequest request;
    request.title = plan.title;
    request.text = (*needed)->text;
    request.statement = plan.preview();
    request.verb = tr("Run migration");
    request.server = m_draft.server;
    request.environment = access->profile.environment;
    request.typedName = (*needed)->typedWord;
    context().dialogs->confirm(this, request, [this, typed = request.typedName](bool confirmed) {
        if (confirmed)
            start({true, typed});
    });
}

void StageWizard::start(const Confirmation &answer)
{
    const auto access = context().accessTo(m_draft.server);
    if (!access)
        return;
    m_isStarting = true;
    m_message->showMessage(Severity::Notice, tr("Writing the run down…"));
    update();
    context().drivers->start(*access, m_draft.database, *m_draft.preview->planned.plan, m_draft.settings, answer, this,
                             [this](const Result<qint64> &id) {
                                 m_isStarting = false;
                                 update();
                                 if (!id) {
                                     m_message->showError(id.error());
                                     return;
                                 }
                                 m_draft.run = RunPlace{m_draft.server, m_draft.database, *id};
                                 go(AtRun);
                                 Q_EMIT runStarted(*m_draft.run);
                             });
}

QString StageWizard::saveLayout() const
{
    if (!m_draft.table || m_draft.run || m_stack->currentIndex() == AtTarget)
        return {};
    const QJsonObject json{{QStringLiteral("server"), m_draft.server},
                           {QStringLiteral("database"), m_draft.database},
                           {QStringLiteral("spec"), m_draft.spec.toJson()},
                           {QStringLiteral("settings"), m_draft.settings.toJson()}};
    return QString::fromUtf8(QJsonDocument(json).toJson(QJsonDocument::Compact));
}

void StageWizard::restoreLayout(const QString &layout)
{
    const QJsonObject json = QJsonDocument::fromJson(layout.toUtf8()).object();
    const auto spec = stage::StageSpec::fromJson(json.value(QStringLiteral("spec")).toObject());
    if (!spec)
        return;
    m_draft.server = json.value(QStringLiteral("server")).toString();
    m_draft.database = json.value(QStringLiteral("database")).toString();
    m_draft.spec = *spec;
    m_draft.settings =
        RunSettings::fromJson(json.value(QStringLiteral("settings")).toObject(), RunSettings()).value_or(RunSettings());
    m_target->preselect(spec->table);
}

} // namespace tidemark::ui
