// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/refreshoptionsstep.h"

#include "ui/services/theme.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace tidemark::ui {

namespace {

QLabel *explained(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setForegroundRole(QPalette::PlaceholderText);
    label->setWordWrap(true);
    label->setIndent(spacing(parent, 6));
    return label;
}

} // namespace

RefreshOptionsStep::RefreshOptionsStep(RefreshDraft &draft, QWidget *parent)
    : StepOf(tr("Options"), draft, parent)
    , m_cascade(new QCheckBox(tr("And &what depends on them"), this))
    , m_ways(new QButtonGroup(this))
    , m_sessions(new QSpinBox(this))
    , m_patience(new QSpinBox(this))
    , m_timeout(new QSpinBox(this))
    , m_from(new QLineEdit(this))
    , m_to(new QLineEdit(this))
{
    m_cascade->setObjectName(QStringLiteral("cascade"));
    auto *left = new QVBoxLayout;
    left->setSpacing(spacing(this, 4));
    auto *what = new QGroupBox(tr("What"), this);
    auto *whatLayout = new QVBoxLayout(what);
    whatLayout->addWidget(m_cascade);
    whatLayout->addWidget(
        explained(tr("All that shows what they hold, each once, after what it reads. What fails stops "
                     "only what reads it."),
                  what));
    left->addWidget(what);
    left->addWidget(makeWays());
    left->addStretch(1);
    auto *right = new QVBoxLayout;
    right->setSpacing(spacing(this, 4));
    right->addWidget(makeWork());
    right->addWidget(makeRange());
    right->addStretch(1);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(spacing(this, 6), spacing(this, 4), spacing(this, 6), spacing(this, 4));
    layout->setSpacing(spacing(this, 6));
    layout->addLayout(left, 1);
    layout->addLayout(right, 1);

    connect(m_cascade, &QCheckBox::toggled, this, &RefreshOptionsStep::take);
    connect(m_ways, &QButtonGroup::idToggled, this, &RefreshOptionsStep::take);
    for (QSpinBox *box : {m_sessions, m_patience, m_timeout})
        connect(box, &QSpinBox::valueChanged, this, &RefreshOptionsStep::take);
    for (QLineEdit *line : {m_from, m_to})
        connect(line, &QLineEdit::textChanged, this, &RefreshOptionsStep::take);
}

QWidget *RefreshOptionsStep::makeWays()
{
    auto *box = new QGroupBox(tr("How materialized views are refreshed"), this);
    auto *layout = new QVBoxLayout(box);
    const auto add = [&](refresh::Way way, const char *name, const QString &text, const QString &meaning) {
        auto *button = new QRadioButton(text, box);
        button->setObjectName(QLatin1String(name));
        m_ways->addButton(button, static_cast<int>(way));
        layout->addWidget(button);
        layout->addWidget(explained(meaning, box));
    };
    add(refresh::Way::Automatic, "automatic", tr("As &each allows"),
        tr("Concurrently where PostgreSQL takes it. Where a plain refresh would lock readers out, Checks asks first."));
    add(refresh::Way::Concurrently, "concurrently", tr("&Concurrently or not at all"),
        tr("Readers go on. It takes a unique index on plain columns, and a view that holds data."));
    add(refresh::Way::Plain, "plain", tr("&Plain"),
        tr("Faster where most rows change; whoever reads the view waits until it is done."));
    return box;
}

QWidget *RefreshOptionsStep::makeWork()
{
    auto *box = new QGroupBox(tr("Work"), this);
    auto *form = new QFormLayout(box);
    form->setHorizontalSpacing(spacing(this, 4));
    m_sessions->setRange(1, refresh::mostSessions);
    m_sessions->setObjectName(QStringLiteral("sessions"));
    m_patience->setRange(1, 24 * 60 * 60);
    m_patience->setSuffix(tr(" s"));
    m_patience->setToolTip(tr("It waits without standing in the queue, so that nobody waits behind it"));
    m_timeout->setRange(0, 24 * 60 * 60);
    m_timeout->setSuffix(tr(" s"));
    m_timeout->setSpecialValueText(tr("none"));
    form->addRow(tr("At &once, at most"), m_sessions);
    form->addRow(tr("Gi&ve up waiting for locks after"), m_patience);
    form->addRow(tr("Cancel a refresh that takes &longer than"), m_timeout);
    return box;
}

QWidget *RefreshOptionsStep::makeRange()
{
    m_range = new QGroupBox(tr("Range of continuous aggregates"), this);
    auto *form = new QFormLayout(m_range);
    form->setHorizontalSpacing(spacing(this, 4));
    m_from->setPlaceholderText(tr("the beginning"));
    m_to->setPlaceholderText(tr("the end"));
    form->addRow(tr("&From"), m_from);
    form->addRow(tr("&Up to"), m_to);
    form->addRow(explained(
        tr("As the bucketed column is written, for example 2026-01-31. Only what changed is computed."), m_range));
    return m_range;
}

void RefreshOptionsStep::enter()
{
    m_filling = true;
    const refresh::RefreshSpec &spec = draft().spec;
    m_cascade->setChecked(spec.cascade);
    m_ways->button(static_cast<int>(spec.way))->setChecked(true);
    m_sessions->setValue(spec.sessions);
    m_patience->setValue(static_cast<int>(spec.lockPatience.count() / 1000));
    m_timeout->setValue(spec.statementTimeout ? static_cast<int>(spec.statementTimeout->count() / 1000) : 0);
    m_from->setText(spec.from);
    m_to->setText(spec.to);
    m_range->setVisible(draft().hasAggregates);
    m_filling = false;
}

void RefreshOptionsStep::take()
{
    if (m_filling || m_ways->checkedId() < 0)
        return;
    refresh::RefreshSpec &spec = draft().spec;
    spec.cascade = m_cascade->isChecked();
    spec.way = static_cast<refresh::Way>(m_ways->checkedId());
    // What was accepted was accepted for what was chosen then.
    spec.acceptsLock = spec.way == refresh::Way::Plain;
    spec.sessions = m_sessions->value();
    spec.lockPatience = Millis(qint64(m_patience->value()) * 1000);
    spec.statementTimeout = m_timeout->value() == 0 ? std::nullopt
                                                    : std::optional(Millis(qint64(m_timeout->value()) * 1000));
    spec.from = draft().hasAggregates ? m_from->text().trimmed() : QString();
    spec.to = draft().hasAggregates ? m_to->text().trimmed() : QString();
    draft().plan.reset();
}

QWidget *RefreshOptionsStep::mainWidget()
{
    return m_cascade;
}

} // namespace tidemark::ui
