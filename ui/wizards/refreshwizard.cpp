// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/refreshwizard.h"

#include "ui/models/snapshotparts.h"
#include "ui/services/dialogs.h"
#include "ui/widgets/messagebar.h"
#include "ui/wizards/refreshchecksstep.h"
#include "ui/wizards/refreshoptionsstep.h"
#include "ui/wizards/refreshreviewstep.h"
#include "ui/wizards/refreshrunstep.h"
#include "ui/wizards/refreshtargetstep.h"

namespace tidemark::ui {

RefreshWizard::RefreshWizard(const PageContext &context, QWidget *parent)
    : WizardFrame(
        {QStringLiteral("refresh"), tr("Refresh"), QStringLiteral("refresh"), tr("Refresh"), tr("&New refresh")},
        context, parent)
    , m_driver(context.history, *context.clock)
    , m_target(new RefreshTargetStep(m_draft, this))
{
    setSteps({m_target, new RefreshOptionsStep(m_draft, this), new RefreshChecksStep(context, m_draft, this),
              new RefreshReviewStep(m_draft, this),
              new RefreshRunStep(RefreshRunStep::Of::Run, m_draft, m_driver, this),
              new RefreshRunStep(RefreshRunStep::Of::Result, m_draft, m_driver, this)});
    connect(&m_driver, &RefreshDriver::ended, this, [this](const std::optional<Error> &error) {
        if (!error)
            return;
        go(runPlace() - 1);
        message()->showError(*error);
    });
}

void RefreshWizard::refreshObject(const ObjectRef &object, bool withDependents)
{
    if (m_driver.isRunning()) {
        message()->showMessage(Severity::Notice, tr("This refresh is still running."),
                               tr("When it has ended, or is cancelled, the next can begin."));
        return;
    }
    clearDraft();
    m_draft.spec.cascade = withDependents;
    m_target->preselect(object);
    go(0);
    go(1);
}

bool RefreshWizard::isFilled() const
{
    return m_target->isFilled() && Page::isFilled();
}

void RefreshWizard::updateContent(const Snapshots &inScope)
{
    m_target->setSnapshots(inScope, scope(), moments(), currentStep() == 0);
}

void RefreshWizard::confirm()
{
    const auto access = context().accessTo(m_draft.server);
    if (!access || !m_draft.plan)
        return;
    const refresh::RefreshPlan &plan = *m_draft.plan;
    const auto needed = refresh::confirmationOf(access->profile, plan);
    if (!needed) {
        message()->showError(needed.error());
        return;
    }
    if (!*needed) {
        start({true, {}});
        return;
    }
    ConfirmRequest request;
    request.title = plan.title();
    request.text = (*needed)->text;
    request.statement = plan.preview();
    request.verb = words().run;
    request.server = m_draft.server;
    request.environment = access->profile.environment;
    request.typedName = (*needed)->typedWord;
    context().dialogs->confirm(this, request, [this, typed = request.typedName](bool confirmed) {
        if (confirmed)
            start({true, typed});
    });
}

void RefreshWizard::start(const Confirmation &answer)
{
    const auto access = context().accessTo(m_draft.server);
    if (!access || m_driver.isRunning())
        return;
    m_driver.start(*access, *m_draft.plan, answer);
    go(runPlace());
}

void RefreshWizard::clearDraft()
{
    const QString server = m_draft.server;
    const QString database = m_draft.database;
    m_draft = {};
    m_draft.server = server;
    m_draft.database = database;
}

QString RefreshWizard::subject() const
{
    if (m_draft.plan)
        return placeText(m_draft.server, m_draft.plan->title());
    QStringList names;
    for (const pg::QualifiedName &name : m_draft.spec.names)
        names << name.display();
    return names.isEmpty()
               ? QString()
               : tr("%1 in %2")
                     .arg(names.size() > 3 ? tr("%1 views").arg(names.size()) : names.join(QStringLiteral(", ")),
                          placeText(m_draft.server, m_draft.database));
}

} // namespace tidemark::ui
