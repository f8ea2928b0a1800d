// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/wizard.h"

#include "core/plan/runorders.h"
#include "ui/models/snapshotparts.h"
#include "ui/services/dialogs.h"
#include "ui/services/theme.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/stepper.h"
#include "ui/wizards/resultstep.h"
#include "ui/wizards/reviewstep.h"
#include "ui/wizards/runstep.h"
#include "ui/wizards/targetstep.h"

#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

Wizard::Wizard(const Words &words, const PageContext &context, QWidget *parent)
    : Page(words.id, words.title, words.icon, context, parent)
    , m_words(words)
    , m_message(new MessageBar(this))
    , m_stack(new QStackedWidget(this))
    , m_subject(new QLabel(this))
    , m_anew(new QPushButton(words.anew, this))
    , m_back(new QPushButton(tr("&Back"), this))
    , m_next(new QPushButton(this))
{
    connect(m_anew, &QPushButton::clicked, this, &Wizard::beginAnew);
    connect(m_back, &QPushButton::clicked, this, &Wizard::back);
    connect(m_next, &QPushButton::clicked, this, &Wizard::next);
}

void Wizard::setSteps(ChangeDraft &draft, TargetStep *target, const QList<WizardStep *> &between)
{
    m_draft = &draft;
    m_target = target;
    m_steps = QList<WizardStep *>{target} + between;
    m_steps << new ReviewStep(context(), draft, this) << new RunStep(context(), draft, this)
            << new ResultStep(context(), draft, this);
    QStringList titles;
    for (WizardStep *step : std::as_const(m_steps)) {
        titles << step->title();
        m_stack->addWidget(step);
        connect(step, &WizardStep::completeChanged, this, &Wizard::update);
        connect(step, &WizardStep::nextRequested, this, &Wizard::next);
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
    update();
}

QWidget *Wizard::makeBar()
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

WizardStep *Wizard::current() const
{
    return m_steps[m_stack->currentIndex()];
}

int Wizard::currentStep() const
{
    return m_stack->currentIndex();
}

void Wizard::setFilterText(const QString &text)
{
    for (WizardStep *step : std::as_const(m_steps))
        step->setFilterText(text);
}

QWidget *Wizard::mainWidget()
{
    return current()->mainWidget();
}

bool Wizard::isFilled() const
{
    return m_target->isFilled() && Page::isFilled();
}

void Wizard::updateContent(const Snapshots &inScope)
{
    m_target->setSnapshots(inScope, scope(), m_stack->currentIndex() == 0);
}

void Wizard::go(int place)
{
    m_message->clear();
    m_stack->setCurrentIndex(place);
    m_stepper->setCurrent(place);
    current()->enter();
    update();
    current()->mainWidget()->setFocus(Qt::OtherFocusReason);
}

void Wizard::next()
{
    if (!current()->isComplete() || m_isStarting)
        return;
    if (isReview(m_stack->currentIndex()))
        confirm();
    else if (m_stack->currentIndex() < lastPlace())
        go(m_stack->currentIndex() + 1);
}

void Wizard::back()
{
    if (m_back->isEnabled())
        go(m_stack->currentIndex() - 1);
}

void Wizard::beginAnew()
{
    m_draft->clear();
    go(0);
}

void Wizard::update()
{
    const int place = m_stack->currentIndex();
    m_back->setVisible(place > 0 && !isRun(place));
    // Behind Run lies what was confirmed: it is not chosen again.
    m_back->setEnabled(!m_isStarting);
    m_anew->setVisible(place >= lastPlace() - 1);
    m_next->setVisible(place != lastPlace());
    m_next->setEnabled(current()->isComplete() && !m_isStarting);
    m_next->setText(isReview(place)
                        ? tr("&%1…").arg(m_words.run)
                        : tr("&Next: %1").arg(place < lastPlace() ? m_steps[place + 1]->title() : QString()));
    m_next->setAccessibleName(m_next->text().remove(QLatin1Char('&')));
    m_next->setDefault(true);
    QString subject;
    if (m_draft->table && place > 0)
        subject = tr("%1 in %2").arg(m_draft->table->name.display(), placeText(m_draft->server, m_draft->database));
    m_subject->setText(subject);
}

void Wizard::confirm()
{
    const auto access = context().accessTo(m_draft->server);
    if (!access || !context().drivers)
        return;
    const Plan &plan = *m_draft->plan();
    const RunSubject subject{m_draft->database, 0, plan.title, {}, false};
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
    request.verb = m_words.run;
    request.server = m_draft->server;
    request.environment = access->profile.environment;
    request.typedName = (*needed)->typedWord;
    context().dialogs->confirm(this, request, [this, typed = request.typedName](bool confirmed) {
        if (confirmed)
            start({true, typed});
    });
}

void Wizard::start(const Confirmation &answer)
{
    const auto access = context().accessTo(m_draft->server);
    if (!access)
        return;
    m_isStarting = true;
    m_message->showMessage(Severity::Notice, tr("Writing the run down…"));
    update();
    context().drivers->start(*access, m_draft->database, *m_draft->plan(), m_draft->settings, answer, this,
                             [this](const Result<qint64> &id) {
                                 m_isStarting = false;
                                 update();
                                 if (!id) {
                                     m_message->showError(id.error());
                                     return;
                                 }
                                 m_draft->run = RunPlace{m_draft->server, m_draft->database, *id};
                                 go(lastPlace() - 1);
                                 Q_EMIT runStarted(*m_draft->run);
                             });
}

QString Wizard::saveLayout() const
{
    if (!m_draft->table || m_draft->run || m_stack->currentIndex() == 0)
        return {};
    const QJsonObject json{{QStringLiteral("server"), m_draft->server},
                           {QStringLiteral("database"), m_draft->database},
                           {QStringLiteral("spec"), m_draft->specJson()},
                           {QStringLiteral("settings"), m_draft->settings.toJson()}};
    return QString::fromUtf8(QJsonDocument(json).toJson(QJsonDocument::Compact));
}

void Wizard::restoreLayout(const QString &layout)
{
    const QJsonObject json = QJsonDocument::fromJson(layout.toUtf8()).object();
    if (!m_draft->takeSpec(json.value(QStringLiteral("spec")).toObject()))
        return;
    m_draft->server = json.value(QStringLiteral("server")).toString();
    m_draft->database = json.value(QStringLiteral("database")).toString();
    m_draft->settings =
        RunSettings::fromJson(json.value(QStringLiteral("settings")).toObject(), RunSettings()).value_or(RunSettings());
    m_target->preselect(m_draft->target());
}

} // namespace tidemark::ui
