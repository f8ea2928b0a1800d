// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/detailpanel.h"

#include "core/base/printable.h"
#include "ui/services/theme.h"
#include "ui/widgets/breakablelabel.h"
#include "ui/widgets/sqlview.h"
#include "ui/widgets/statusbadge.h"

#include <QAction>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

DetailPanel::DetailPanel(QWidget *parent)
    : QScrollArea(parent)
    , m_stack(new QStackedWidget(this))
    , m_placeholder(new QLabel(this))
    , m_title(new BreakableLabel(this))
    , m_subtitle(new BreakableLabel(this))
    , m_status(new StatusBadge(this))
    , m_actions(new QHBoxLayout)
    , m_sectionsLayout(new QVBoxLayout)
{
    setAccessibleName(tr("Details of the selection"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setBackgroundRole(QPalette::Base);
    viewport()->setBackgroundRole(QPalette::Base);

    m_placeholder->setAlignment(Qt::AlignCenter);
    m_placeholder->setWordWrap(true);
    m_placeholder->setMargin(spacing(this, 6));
    m_placeholder->setForegroundRole(QPalette::PlaceholderText);
    m_title->setFont(boldFont(font()));
    m_subtitle->setForegroundRole(QPalette::PlaceholderText);
    m_actions->setSpacing(spacing(this, 2));
    m_actions->addStretch();

    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    const int margin = spacing(this, 4);
    layout->setContentsMargins(margin, margin, margin, margin);
    layout->setSpacing(spacing(this, 2));
    layout->addWidget(m_title);
    layout->addWidget(m_subtitle);
    layout->addWidget(m_status);
    layout->addLayout(m_actions);
    m_sectionsLayout->setSpacing(spacing(this, 4));
    layout->addLayout(m_sectionsLayout);
    layout->addStretch(1);
    m_stack->addWidget(m_placeholder);
    m_stack->addWidget(content);
    QScrollArea::setWidget(m_stack);
    m_subtitle->hide();
    m_status->hide();
}

void DetailPanel::showPlaceholder(const QString &sentence)
{
    m_placeholder->setText(sentence);
    m_stack->setCurrentIndex(0);
}

void DetailPanel::showContent()
{
    m_stack->setCurrentIndex(1);
}

void DetailPanel::setTitle(const QString &title, const QString &subtitle)
{
    const QString before = m_title->text();
    m_title->setBreakableText(printable(title));
    if (m_title->text() != before)
        verticalScrollBar()->setValue(0);
    m_subtitle->setText(printable(subtitle));
    m_subtitle->setVisible(!subtitle.isEmpty());
    showContent();
}

void DetailPanel::setStatus(Severity severity, const QString &text)
{
    m_status->setStatus(severity, text);
    m_status->setVisible(!text.isEmpty());
    showContent();
}

DetailPanel::Section &DetailPanel::section(const QString &title)
{
    Section &found = m_sections[title];
    if (!found.box) {
        found.box = new QWidget(this);
        found.layout = new QVBoxLayout(found.box);
        found.layout->setContentsMargins(0, spacing(this, 2), 0, 0);
        found.layout->setSpacing(spacing(this, 1));
        found.heading = new QLabel(title, found.box);
        found.heading->setForegroundRole(QPalette::PlaceholderText);
        found.layout->addWidget(found.heading);
        m_sectionsLayout->addWidget(found.box);
    }
    return found;
}

void DetailPanel::setFacts(const QString &title, const QList<Fact> &facts)
{
    showContent();
    Section &own = section(title);
    if (own.facts == facts)
        return;
    if (!own.grid) {
        own.grid = new QGridLayout;
        own.grid->setHorizontalSpacing(spacing(this, 3));
        own.grid->setVerticalSpacing(spacing(this, 1));
        own.grid->setColumnStretch(0, 2);
        own.grid->setColumnStretch(1, 3);
        own.layout->addLayout(own.grid);
    }
    while (own.labels.size() < facts.size() * 2) {
        const int row = static_cast<int>(own.labels.size()) / 2;
        auto *label = new BreakableLabel(own.box);
        label->setTextInteractionFlags(Qt::NoTextInteraction);
        label->setFocusPolicy(Qt::NoFocus);
        label->setForegroundRole(QPalette::PlaceholderText);
        auto *value = new BreakableLabel(own.box);
        value->setFont(tabularFont(font()));
        own.grid->addWidget(label, row, 0, Qt::AlignTop);
        own.grid->addWidget(value, row, 1);
        own.labels << label << value;
    }
    for (qsizetype i = 0; i < own.labels.size() / 2; ++i) {
        BreakableLabel *label = own.labels[i * 2];
        BreakableLabel *value = own.labels[i * 2 + 1];
        const bool used = i < facts.size();
        label->setVisible(used);
        value->setVisible(used);
        if (!used)
            continue;
        const bool whole = facts[i].label.isEmpty();
        label->setVisible(!whole);
        own.grid->removeWidget(value);
        own.grid->addWidget(value, static_cast<int>(i), whole ? 0 : 1, 1, whole ? 2 : 1);
        label->setBreakableText(printable(facts[i].label));
        value->setBreakableText(facts[i].value.isEmpty() ? QString(QChar(0x2013))
                                                         : printable(facts[i].value, Lines::Kept));
        value->setToolTip(printable(facts[i].toolTip, Lines::Kept));
        QPalette colors;
        if (facts[i].severity)
            colors.setColor(QPalette::WindowText, Theme::of(palette()).of(*facts[i].severity));
        value->setPalette(colors);
    }
    own.facts = facts;
}

void DetailPanel::setSql(const QString &title, const QString &sql)
{
    showContent();
    Section &own = section(title);
    if (!own.sql) {
        own.sql = new SqlView(own.box);
        own.layout->addWidget(own.sql);
    }
    own.sql->setSql(sql);
    own.box->setVisible(!sql.isEmpty());
}

void DetailPanel::setWidget(const QString &title, QWidget *widget)
{
    section(title).layout->addWidget(widget);
}

void DetailPanel::setSectionVisible(const QString &title, bool visible)
{
    section(title).box->setVisible(visible);
}

void DetailPanel::addAction(QAction *action)
{
    auto *button = new QPushButton(action->text(), this);
    const auto follow = [button, action]() {
        button->setText(action->text());
        button->setToolTip(action->toolTip());
        button->setAccessibleName(action->text().remove(QLatin1Char('&')));
        button->setEnabled(action->isEnabled());
        button->setVisible(action->isVisible());
    };
    follow();
    connect(action, &QAction::changed, button, follow);
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    m_actions->insertWidget(m_actions->count() - 1, button);
}

} // namespace tidemark::ui
