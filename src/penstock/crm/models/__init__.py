"""The tables of the records, one file per object."""

from __future__ import annotations

from penstock.crm.models.account import Account, AccountMember, AccountStatus
from penstock.crm.models.activity import Activity, ActivityKind
from penstock.crm.models.campaign import Campaign, CampaignCost, CampaignMember
from penstock.crm.models.contact import Contact
from penstock.crm.models.custom_field import CustomField
from penstock.crm.models.external_key import ExternalKey
from penstock.crm.models.gate import Approval, Criterion, CriterionKind, Tick
from penstock.crm.models.history import Change, ChangeOutcome, OpportunityVersion, OutboxEvent, RecordChange, Stamp
from penstock.crm.models.lead import Lead, LeadStatus
from penstock.crm.models.line import OpportunityLine
from penstock.crm.models.merge import Merge
from penstock.crm.models.not_duplicate import NotDuplicate
from penstock.crm.models.opportunity import Opportunity, Status
from penstock.crm.models.people import ContactRole
from penstock.crm.models.pipeline import Pipeline, Shortcut, Stage, StageKind
from penstock.crm.models.playbook import Competitor, Material
from penstock.crm.models.probability import LearnedProbability
from penstock.crm.models.product import Product
from penstock.crm.models.subscription import Subscription
from penstock.crm.models.task import Task

__all__ = [
    "Account",
    "AccountMember",
    "AccountStatus",
    "Activity",
    "ActivityKind",
    "Approval",
    "Campaign",
    "CampaignCost",
    "CampaignMember",
    "Change",
    "ChangeOutcome",
    "Competitor",
    "Contact",
    "ContactRole",
    "Criterion",
    "CriterionKind",
    "CustomField",
    "ExternalKey",
    "Lead",
    "LeadStatus",
    "LearnedProbability",
    "Material",
    "Merge",
    "NotDuplicate",
    "Opportunity",
    "OpportunityLine",
    "OpportunityVersion",
    "OutboxEvent",
    "Pipeline",
    "Product",
    "RecordChange",
    "Shortcut",
    "Stage",
    "StageKind",
    "Stamp",
    "Status",
    "Subscription",
    "Task",
    "Tick",
]
