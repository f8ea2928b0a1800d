// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/wizard.h"

#include "core/plan/runorders.h"
#include "ui/models/snapshotparts.h"
#include "ui/services/dialogs.h"
#include "ui/widgets/messagebar.h"
#include "ui/wizards/resultstep.h"
#include "ui/wizards/reviewstep.h"
#include "ui/wizards/runstep.h"
#include "ui/wizards/targetstep.h"

#include <QJsonDocument>

namespace tidemark::ui {

Wizard::Wizard(const Words &words, const PageContext &context, QWidget *parent)
    : WizardFrame(words, context, parent)
{
}

void Wizard::setSteps(ChangeDraft &draft, TargetStep *target, const QList<WizardStep *> &between)
{
    m_draft = &draft;
    m_target = target;
    WizardFrame::setSteps(QList<WizardStep *>{target} + between
                          + QList<WizardStep *>{new ReviewStep(context(), draft, this),
                                                new RunStep(context(), draft, this),
                                                new ResultStep(context(), draft, this)});
}

bool Wizard::isFilled() const
{
    return m_target->isFilled() && Page::isFilled();
}

void Wizard::updateContent(const Snapshots &inScope)
{
    m_target->setSnapshots(inScope, scope(), currentStep() == 0);
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
        message()->showError(needed.error());
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
    request.verb = words().run;
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
    setStarting(true);
    message()->showMessage(Severity::Notice, tr("Writing the run down…"));
    context().drivers->start(*access, m_draft->database, *m_draft->plan(), m_draft->settings, answer, this,
                             [this](const Result<qint64> &id) {
                                 setStarting(false);
                                 if (!id) {
                                     message()->showError(id.error());
                                     return;
                                 }
                                 m_draft->run = RunPlace{m_draft->server, m_draft->database, *id};
                                 go(runPlace());
                                 Q_EMIT runStarted(*m_draft->run);
                             });
}

void Wizard::clearDraft()
{
    m_draft->clear();
}

QString Wizard::subject() const
{
    if (!m_draft->table)
        return {};
    return tr("%1 in %2").arg(m_draft->table->name.display(), placeText(m_draft->server, m_draft->database));
}

QString Wizard::saveLayout() const
{
    if (!m_draft->table || m_draft->run || currentStep() == 0)
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
