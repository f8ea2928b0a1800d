// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/wizardframe.h"

#include "ui/services/theme.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/stepper.h"
#include "ui/wizards/wizardstep.h"

#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

WizardFrame::WizardFrame(const Words &words, const PageContext &context, QWidget *parent)
    : Page(words.id, words.title, words.icon, context, parent)
    , m_words(words)
    , m_message(new MessageBar(this))
    , m_stack(new QStackedWidget(this))
    , m_subject(new QLabel(this))
    , m_anew(new QPushButton(words.anew, this))
    , m_back(new QPushButton(tr("&Back"), this))
    , m_next(new QPushButton(this))
{
    connect(m_anew, &QPushButton::clicked, this, &WizardFrame::beginAnew);
    connect(m_back, &QPushButton::clicked, this, &WizardFrame::back);
    connect(m_next, &QPushButton::clicked, this, &WizardFrame::next);
}

void WizardFrame::setSteps(const QList<WizardStep *> &steps)
{
    m_steps = steps;
    QStringList titles;
    for (WizardStep *step : std::as_const(m_steps)) {
        titles << step->title();
        m_stack->addWidget(step);
        connect(step, &WizardStep::completeChanged, this, &WizardFrame::update);
        connect(step, &WizardStep::nextRequested, this, &WizardFrame::next);
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

QWidget *WizardFrame::makeBar()
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

WizardStep *WizardFrame::current() const
{
    return m_steps[m_stack->currentIndex()];
}

int WizardFrame::currentStep() const
{
    return m_stack->currentIndex();
}

void WizardFrame::setFilterText(const QString &text)
{
    for (WizardStep *step : std::as_const(m_steps))
        step->setFilterText(text);
}

QWidget *WizardFrame::mainWidget()
{
    return current()->mainWidget();
}

void WizardFrame::go(int place)
{
    m_message->clear();
    m_stack->setCurrentIndex(place);
    m_stepper->setCurrent(place);
    current()->enter();
    update();
    current()->mainWidget()->setFocus(Qt::OtherFocusReason);
}

void WizardFrame::next()
{
    if (!current()->isComplete() || m_isStarting)
        return;
    if (isReview(m_stack->currentIndex()))
        confirm();
    else if (m_stack->currentIndex() < lastPlace())
        go(m_stack->currentIndex() + 1);
}

void WizardFrame::back()
{
    if (m_back->isEnabled())
        go(m_stack->currentIndex() - 1);
}

void WizardFrame::beginAnew()
{
    clearDraft();
    go(0);
}

void WizardFrame::update()
{
    const int place = m_stack->currentIndex();
    m_back->setVisible(place > 0 && !isRun(place));
    // Behind Run lies what was confirmed: it is not chosen again.
    m_back->setEnabled(!m_isStarting);
    m_anew->setVisible(place >= runPlace());
    m_anew->setEnabled(mayBeginAnew());
    m_next->setVisible(place != lastPlace());
    m_next->setEnabled(current()->isComplete() && !m_isStarting);
    m_next->setText(isReview(place)
                        ? tr("&%1…").arg(m_words.run)
                        : tr("&Next: %1").arg(place < lastPlace() ? m_steps[place + 1]->title() : QString()));
    m_next->setAccessibleName(m_next->text().remove(QLatin1Char('&')));
    m_next->setDefault(true);
    m_subject->setText(place > 0 ? subject() : QString());
}

void WizardFrame::setStarting(bool isStarting)
{
    m_isStarting = isStarting;
    update();
}

} // namespace tidemark::ui
